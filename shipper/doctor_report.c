/* SPDX-License-Identifier: MIT
 *
 * What came from elsewhere (an answer, a certificate's names) cannot steer a terminal.
 */
#include "shipper/doctor_report.h"

#include "shipper/event_table.h"

/* --- as text --------------------------------------------------------------------------- */

static const char *const grade_names[] = {
    [FINDING_OK] = "ok", [FINDING_WARN] = "warn", [FINDING_FAIL] = "fail"};

static void put_finding(const struct finding *finding, bool has_color, struct buffer *out)
{
    static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31m"};

    if (has_color)
        buffer_append(out, span_of(colors[finding->grade]));
    event_table_cell(span_of(grade_names[finding->grade]), 4, out);
    if (has_color)
        buffer_append(out, SPAN("\033[0m"));
    event_table_cell(span_of(finding->check), 11, out);
    event_table_text(span_of(finding->text), out);
    buffer_append_byte(out, '\n');
    if (finding->hint[0]) {
        event_table_cell(SPAN(""), 4, out);
        event_table_cell(SPAN(""), 11, out);
        buffer_append(out, SPAN("hint: "));
        event_table_text(span_of(finding->hint), out);
        buffer_append_byte(out, '\n');
    }
}

static void put_emitted(const struct emitted_list *list, struct buffer *out)
{
    enum { WIDTH = 20, SOURCE_WIDTH = 13 };

    buffer_append(out, SPAN("\nWhat this configuration can send:\n\n"));
    event_table_cell(SPAN("PRODUCT_ID"), WIDTH, out);
    event_table_cell(SPAN("ACTIVITY_TYPE"), WIDTH, out);
    event_table_cell(SPAN("ENVIRONMENT"), SOURCE_WIDTH, out);
    event_table_cell(SPAN("SOURCE"), SOURCE_WIDTH, out);
    buffer_append(out, SPAN("RULES\n"));
    for (size_t i = 0; i < list->count; i++) {
        const struct emitted *row = &list->items[i];

        event_table_cell(row->product_id, WIDTH, out);
        event_table_cell(row->activity_type, WIDTH, out);
        event_table_cell(row->environment.at ? row->environment : SPAN("-"), SOURCE_WIDTH, out);
        event_table_cell(row->source, SOURCE_WIDTH, out);
        event_table_text(buffer_span(&row->rules), out);
        buffer_append_byte(out, '\n');
    }
}

/* Line by line behind a mark, safe for a terminal. */
static void put_quoted(struct span text, const char *mark, struct buffer *out)
{
    while (text.len > 0) {
        struct span line = span_cut(&text, '\n');

        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        buffer_append(out, span_of(mark));
        event_table_text(line, out);
        buffer_append_byte(out, '\n');
    }
}

void doctor_report_write_text(
    const struct doctor_report *report, bool has_color, struct buffer *out)
{
    for (size_t i = 0; i < report->doctor.count; i++)
        put_finding(&report->doctor.findings[i], has_color, out);
    put_emitted(&report->emitted, out);
    if (report->has_canary) {
        buffer_append(out, SPAN("\nThe canary:\n\n"));
        put_quoted(buffer_span(&report->canary.request), "> ", out);
        buffer_append_byte(out, '\n');
        put_quoted(buffer_span(&report->canary.answer), "< ", out);
    }
}

/* --- as JSON ----------------------------------------------------------------------------- */

static void put_member(const char *name, struct span value, struct buffer *out)
{
    buffer_printf(out, "%s\"%s\":", out->bytes[out->len - 1] == '{' ? "" : ",", name);
    event_write_string(value, out);
}

void doctor_report_write_json(const struct doctor_report *report, struct buffer *out)
{
    buffer_append(out, SPAN("{\"checks\":["));
    for (size_t i = 0; i < report->doctor.count; i++) {
        const struct finding *finding = &report->doctor.findings[i];

        buffer_append(out, i > 0 ? SPAN(",\n{") : SPAN("\n{"));
        put_member("check", span_of(finding->check), out);
        put_member("result", span_of(grade_names[finding->grade]), out);
        put_member("text", span_of(finding->text), out);
        if (finding->hint[0])
            put_member("hint", span_of(finding->hint), out);
        buffer_append_byte(out, '}');
    }
    buffer_append(out, SPAN("],\"emits\":["));
    for (size_t i = 0; i < report->emitted.count; i++) {
        const struct emitted *row = &report->emitted.items[i];

        buffer_append(out, i > 0 ? SPAN(",\n{") : SPAN("\n{"));
        put_member("product_id", row->product_id, out);
        put_member("activity_type", row->activity_type, out);
        if (row->environment.at)
            put_member("environment", row->environment, out);
        put_member("source", row->source, out);
        put_member("rules", buffer_span(&row->rules), out);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
    if (report->has_canary) {
        buffer_append(out, SPAN(",\"canary\":{"));
        put_member("request", buffer_span(&report->canary.request), out);
        put_member("answer", buffer_span(&report->canary.answer), out);
        buffer_append_byte(out, '}');
    }
    buffer_append(out, SPAN("}\n"));
}
