/* SPDX-License-Identifier: MIT
 *
 * Every cap on what input can make us hold or do, in one place. Checked before
 * memory grows; what goes over one is counted or reported with this name.
 */
#ifdef _GCC_NEXT_LIMITS_H
#include_next <limits.h> /* gcc's own header, on its way to libc's, passes through -iquote */
#endif

#ifndef PARSERS_LIMITS_H
#define PARSERS_LIMITS_H

/* Records */
#define LIMIT_LINE_BYTES    (1u << 20) /* a longer line is cut and counted */
#define LIMIT_RECORD_LINES  1000u /* so is a record of more lines, or of more bytes than a line */
#define LIMIT_ID_LINE_BYTES (64u << 10) /* how much of a line goes into its event's id */
#define LIMIT_ARENA_BYTES   (16u << 20) /* working memory for one record */
#define LIMIT_RECORD_FIELDS 1024u       /* fields of one record */
#define LIMIT_JSON_STARTS   16u         /* tried for an object behind text */
#define LIMIT_NESTING       32          /* depth of a JSON value or a YAML document */

/* Sources */
#define LIMIT_CHUNK_BYTES         (256u << 10) /* read at once, unless one line is longer */
#define LIMIT_FILE_ROWS           100000u      /* files remembered, those that are gone included */
#define LIMIT_FOLDERS             20000u       /* directories of one input */
#define LIMIT_NEWCOMERS           1024u        /* files just made: more at once are not traced */
#define LIMIT_JOURNAL_ENTRY_BYTES (4u << 20)   /* of one entry: what is over is cut */
#define LIMIT_JOURNAL_FIELDS      512u         /* of one entry */
#define LIMIT_ERRANDS             2000u        /* programs that run for the reader */

/* The syslog listener */
#define LIMIT_SOCKET_BYTES (32u << 20) /* asked of the kernel as room for bursts */
#define LIMIT_PEERS        1024u       /* whose rate one listener keeps in mind */
#define LIMIT_LISTENERS    64u         /* of one configuration */

/* Events: a longer value is not usable, so the next candidate is tried; never cut */
#define LIMIT_VALUE_BYTES 4096u
#define LIMIT_META_FIELDS 64u

/* What rules keep between lines (notes.h) */
#define LIMIT_NOTES       100000u     /* the longest untouched ends early for a new one */
#define LIMIT_NOTE_BYTES  (64u << 20) /* of all of them: likewise */
#define LIMIT_NOTE_LOGS   20000u      /* the longest untouched goes for a new one */
#define LIMIT_KEPT_VALUES 16u         /* of one `remember` */
#define LIMIT_KEPT_DAYS   31          /* the longest window, and time to remember */

/* Rule files and configurations */
#define LIMIT_DOCUMENT_BYTES    (4u << 20)
#define LIMIT_DOCUMENT_NODES    100000u
#define LIMIT_ERRORS            50u         /* problems reported for one file */
#define LIMIT_RULES             2000u       /* rules of one file */
#define LIMIT_COLUMNS           256u        /* of one format */
#define LIMIT_INPUTS            1000u       /* inputs of one configuration */
#define LIMIT_PATTERN_BYTES     (32u << 10) /* one pattern after its names are expanded */
#define LIMIT_PATTERNS_BYTES    (8u << 20)  /* all patterns of one file, likewise */
#define LIMIT_PATTERN_NESTING   16          /* named patterns inside named patterns */
#define LIMIT_CAPTURES          256u        /* of one rule's patterns */
#define LIMIT_TEMPLATE_NAMES    64u         /* of one template */
#define LIMIT_TEMPLATE_FILTERS  16u         /* of one name in it */
#define LIMIT_DRAFT_BYTES       (64u << 20) /* of the logs that a rule file is drafted from */
#define LIMIT_TIME_FORMATS      16u         /* of one rule */
#define LIMIT_TIME_FORMAT_BYTES 200u        /* of one of them */
#define LIMIT_SAMPLE_FIELDS     64u         /* of the source, beside a sample's line */

/* The local stand-in endpoint */
#define LIMIT_REQUEST_BYTES  (1u << 20)  /* body of one request */
#define LIMIT_LEDGER_EVENTS  (16u << 20) /* distinct event ids kept */
#define LIMIT_SCRIPT_BYTES   (1u << 20)
#define LIMIT_SCRIPT_HEADERS 4u /* of one scripted answer */

/* Our own log, each process for itself */
#define LIMIT_LOG_BURST 500u /* messages at once */
#define LIMIT_LOG_RATE  10   /* a second, after those */

/* Time zone files: the largest there are have 4 KiB */
#define LIMIT_ZONE_FILE_BYTES (1u << 20)

/* PCRE2, per run of one pattern on one record */
#define LIMIT_MATCH_STEPS     200000u
#define LIMIT_MATCH_DEPTH     2000u
#define LIMIT_MATCH_HEAP_KIB  1024u
#define LIMIT_JIT_STACK_BYTES (512u << 10)
#define LIMIT_RULE_ERRORS     10u /* runs of a rule that hit these in a minute: it is suspended */

/* The endpoint and its answers */
#define LIMIT_ANSWER_BYTES      (64u << 10) /* of a body, and of the headers: what is over is cut */
#define LIMIT_ANSWER_KEPT_BYTES 2048u       /* of the answer, kept with a rejected event */
#define LIMIT_API_KEY_BYTES     1024u
#define LIMIT_RETRY_AFTER_S     3600     /* a longer wish of the endpoint is cut to this */
#define LIMIT_EVENTS_LEASED     4096u    /* held in the sender's memory */
#define LIMIT_LISTED_EVENTS     100000u  /* looked into by `spool list` without --all */
#define LIMIT_DELIVERED_IDS     1000000u /* the newest, kept in the spool */
#define LIMIT_REJECTED_IN_ROW   20u      /* without a delivery: the settings are wrong */
#define LIMIT_FAILED_IN_ROW     3u       /* to be tried again, without a delivery: an outage */
#define LIMIT_REFUSED_DIFFERENT 3u       /* different events refused: it is not the event */

#endif
