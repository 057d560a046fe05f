"""Two records of one person: merged by a link that reads follow, and un-merged by ending the link.

No row of the merged record is moved or changed but its own link: its visits, receipts, accounts and grants stay under
it, and are read through the record that survives. So undoing is exact, whatever was booked in between.
"""
