/* SPDX-License-Identifier: MIT */
#include "client/table.h"

#include <assert.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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

void table_print(const struct table *table, FILE *file)
{
	int widths[TABLE_COLUMNS_MOST];
	int last = table->columns - 1;

	if (table->rows == 0)
		return;
	for (int column = 0; column < last; column++)
		widths[column] = column_width(table, column);
	for (int row = -1; row < table->rows; row++) {
		for (int column = 0; column < last; column++) {
			const char *text = cell(table, row, column);

			fprintf(file, "%s%*s", text,
				widths[column] - text_width(text) + 2, "");
		}
		fprintf(file, "%s\n", cell(table, row, last));
	}
}

void table_done(struct table *table)
{
	for (int i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){ 0 };
}
