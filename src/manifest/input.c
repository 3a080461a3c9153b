/* What is asked of an input as it is declared. */
#include "manifest/manifest.h"

const struct with *with_find(const struct input *input, struct str name)
{
    for (size_t i = 0; i < input->with_count; i++) {
        if (str_equal(input->with[i].name, name)) {
            return &input->with[i];
        }
    }
    return NULL;
}

const struct template *select_cell(const struct select_row *row, struct str column)
{
    for (size_t i = 0; i < row->column_count; i++) {
        if (str_equal(row->columns[i], column)) {
            return row->cells[i];
        }
    }
    return NULL;
}

const struct select_row *select_first_row(const struct select *select, struct str column)
{
    for (size_t i = 0; i < select->row_count; i++) {
        if (select_cell(&select->rows[i], column) != NULL) {
            return &select->rows[i];
        }
    }
    return NULL;
}

const struct select *input_select(const struct input *input, struct str column)
{
    for (size_t i = 0; i < input->select_count; i++) {
        if (select_first_row(&input->selects[i], column) != NULL) {
            return &input->selects[i];
        }
    }
    return NULL;
}

bool manifest_takes_urls(const struct manifest *manifest, struct str input)
{
    for (size_t i = 0; i < manifest->step_count; i++) {
        const struct step *step = &manifest->steps[i];
        for (size_t j = 0; j < step->command_count; j++) {
            if (step->command[j].kind == ITEM_URLS && str_equal(step->command[j].input, input)) {
                return true;
            }
        }
    }
    return false;
}
