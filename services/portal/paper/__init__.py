"""Paper: what offices print. One structure for each paper, made from what its reader may see, and two renderers."""
