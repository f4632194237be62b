/* SPDX-License-Identifier: MIT */
#include "client/table.h"

#include <assert.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "client/terminal.h"

#define BETWEEN 2 /* places between two columns */

struct table table_new(const char *const headings[])
{
	struct table table = { .headings = headings };

	while (headings[table.columns])
		table.columns++;
	assert(table.columns <= TABLE_COLUMNS_MOST);
	return table;
}

void table_add(struct table *table, char *const cells[])
{
	size_t columns = (size_t)table->columns;
	size_t used = (size_t)table->rows * columns;
	char **grown = realloc(table->cells, (used + columns) * sizeof(char *));

	if (grown) {
		table->cells = grown;
		memcpy(grown + used, cells, columns * sizeof(char *));
		table->rows++;
		return;
	}
	table->is_short = 1;
	for (size_t i = 0; i < columns; i++)
		free(cells[i]);
}

/* Expects well-formed text; what is not counts one place a byte. */
static int width_in_locale(const char *text)
{
	mbstate_t state = { 0 };
	size_t left = strlen(text);
	int width = 0;

	while (left > 0) {
		wchar_t letter;
		size_t used = mbrtowc(&letter, text, left, &state);
		int places = 1;

		if (used == 0 || used > left) {
			memset(&state, 0, sizeof(state));
			used = 1;
		} else {
			places = wcwidth(letter);
		}
		width += places > 0 ? places : 0;
		text += used;
		left -= used;
	}
	return width;
}

int text_width(const char *text)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before;
	int width;

	if (!utf8)
		return (int)strlen(text);
	before = uselocale(utf8);
	width = width_in_locale(text);
	uselocale(before);
	freelocale(utf8);
	return width;
}

static const char *cell(const struct table *table, int row, int column)
{
	const char *text = row < 0 ? table->headings[column]
				   : table->cells[row * table->columns + column];

	return text ? text : "";
}

static int column_width(const struct table *table, int column)
{
	int widest = 0;

	for (int row = -1; row < table->rows; row++) {
		int width = text_width(cell(table, row, column));

		widest = width > widest ? width : widest;
	}
	return widest;
}

static void print_padded(FILE *file, const char *text, int width)
{
	fprintf(file, "%s%*s", text, width - text_width(text) + BETWEEN, "");
}

static void print_columns(const struct table *table, const int widths[], FILE *file)
{
	int last = table->columns - 1;

	for (int row = -1; row < table->rows; row++) {
		for (int column = 0; column < last; column++) {
			print_padded(file, cell(table, row, column), widths[column]);
		}
		fprintf(file, "%s\n", cell(table, row, last));
	}
}

/* A line for each cell that is not empty, and an empty line between two rows. */
static void print_blocks(const struct table *table, FILE *file)
{
	int widest = 0;

	for (int column = 0; column < table->columns; column++) {
		int width = text_width(table->headings[column]);

		widest = width > widest ? width : widest;
	}
	for (int row = 0; row < table->rows; row++) {
		if (row > 0)
			fputc('\n', file);
		for (int column = 0; column < table->columns; column++) {
			if (!*cell(table, row, column))
				continue;
			print_padded(file, table->headings[column], widest);
			fprintf(file, "%s\n", cell(table, row, column));
		}
	}
}

void table_print(const struct table *table, FILE *file)
{
	int room = terminal_columns(fileno(file));
	int widths[TABLE_COLUMNS_MOST] = { 0 };
	int whole = BETWEEN * (table->columns - 1);

	if (table->rows == 0)
		return;
	for (int column = 0; column < table->columns; column++) {
		widths[column] = column_width(table, column);
		whole += widths[column];
	}
	if (room > 0 && whole > room)
		print_blocks(table, file);
	else
		print_columns(table, widths, file);
}

void table_done(struct table *table)
{
	for (int i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){ 0 };
}
