"""A library of published reports: kept, searched, compared with a case, and screened."""
