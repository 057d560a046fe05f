"""The front page's figures: today in numbers, beside what is usual at this time of such a day. Names no patient."""
