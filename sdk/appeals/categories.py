"""The categories of appeals: the codes that rules and settings may name. The portal says what each is called."""

CATEGORIES = (
    "industry", "finance", "state-assets", "crime", "safety", "land", "traffic", "household", "fire", "payments",
    "utilities", "environment", "labour", "inspection", "tax", "customs", "discipline", "other",
)  # fmt: skip
