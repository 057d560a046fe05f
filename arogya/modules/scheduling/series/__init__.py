"""Series: visits that come again every so many days, weeks or months, booked and changed together."""
