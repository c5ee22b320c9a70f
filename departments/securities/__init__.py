"""辽宁证监局, the securities regulator."""
