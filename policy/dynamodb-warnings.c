/* SPDX-License-Identifier: MIT */
#include "policy/dynamodb-warnings.h"

void warn_of_rows_on_indexes(struct report *report, unsigned int line)
{
	report_warning(report, line,
		       "indexes with the table's own partition key, or none",
		       "on an index the leading key is the partition key of that index: "
		       "whoever writes that attribute says whose row it is there");
}

void warn_of_scan_with_columns(struct report *report, unsigned int line)
{
	report_warning(report, line, "Query and GetItem alone",
		       "Scan with columns: it reads them in every row of the table");
}

void warn_of_failed_conditions(struct report *report, unsigned int line)
{
	report_warning(
	    report, line,
	    "reading without transactions, or columns in a table of their own",
	    "a write or a check whose condition fails can return the whole old item "
	    "(ReturnValuesOnConditionCheckFailure), and AWS has no condition key for it");
}
