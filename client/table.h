/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_TABLE_H
#define CLIENT_TABLE_H

#include <stdio.h>

/*
 * Columns for a person: each as wide as its widest cell on the screen, where
 * a Chinese letter takes two places and a combining accent none.
 */
#define TABLE_COLUMNS_MOST 8

struct table {
	const char *const *headings; /* ends with NULL */
	int columns;
	char **cells; /* row after row */
	int rows;
	int is_short; /* memory ran out; the table prints what it has */
};

/* An empty table; headings stay the caller's and must outlive it. */
struct table table_new(const char *const headings[]);

/*
 * Adds a row; takes the cells, one for each heading, each from malloc() and
 * printable (text_escape()).  A NULL cell is empty.
 */
void table_add(struct table *table, char *const cells[]);

/*
 * Prints headings and rows; the last column is not padded.  On a terminal that has
 * no room for the widest row each is printed as a block.  Nothing if empty.
 */
void table_print(const struct table *table, FILE *file);

void table_done(struct table *table);

/* How many places text takes on a screen, as UTF-8 whatever the locale. */
int text_width(const char *text);

#endif
