"""Leave over booked slots: who is affected, where each could go instead, and all of it applied in one step."""
