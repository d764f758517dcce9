"""What becomes of each claim of the article, and of what works instead, on the versions CI has.

Python 3.11 and later, SQLAlchemy 2.0 and 2.1. Recipes with a bug and a fix need no line: the bug must not hold, the
fix must.
"""

from __future__ import annotations

EXPECTED = {
    "seed-overview-ambiguity": "fails",
    "seed-overview-expectation": "made-a-file",
    "seed-overview-memory-keyword": "holds",
    "seed-overview-mode-memory": "holds",
    "seed-overview-not-applied": "holds",
    "seed-overview-unique-names": "depends",
    "seed-cause1-discarded-mode": "holds",
    "seed-cause1-stripping": "depends",
    "seed-cause2-follows-name": "holds",
    "seed-cause2-invalid-characters": "depends",
    "seed-cause2-order": "fails",
    "seed-cause2-valid-uri": "holds",
    "seed-cause3-filename-first": "fails",
    "seed-cause3-memory-unshared": "depends",
    "seed-cause3-named-shared": "holds",
    "seed-cause4-conflicting-mode": "fails",
    "seed-cause4-conflicting-mode-sqlalchemy": "fails",
    "seed-cause4-encoding": "depends",
    "seed-cause5-uri-keyword": "depends",
    "seed-cause5-without-uri-sqlalchemy": "holds",
    "seed-step1-both-parameters": "holds",
    "seed-step1-correct-uri": "holds",
    "seed-step1-empty-host": "holds",
    "seed-step1-prepend-uri": "made-a-file",
    "seed-step1-treated-as-path": "holds",
    "seed-step1-uri-first": "holds",
    "seed-step1-whole-uri-passed": "holds",
    "seed-step2-connect-args-true": "made-a-file",
    "seed-step2-connect-args-uri": "fails",
    "seed-step3-names-isolate": "holds",
    "seed-step3-two-databases": "holds",
    "seed-step4-force-driver": "fails",
    "seed-step4-pip-sqlite3": "fails",
    "seed-step4-version": "holds",
    "seed-step5-avoid-filenames": "fails",
    "seed-step5-isolated-unless-shared": "fails",
    "seed-step5-memory": "holds",
    "seed-step5-unique-identifier": "fails",
    "seed-step5-with-step1-uri": "made-a-file",
    "seed-step6-blame": "depends",
    "seed-step6-cli": "holds",
    "seed-step6-raw-connection": "holds",
    "seed-step7-dialect": "fails",
    "seed-step7-reliability": "fails",
    "seed-step8-journal-mode-argument": "fails",
    "seed-step8-journal-modes": "fails",
    "seed-step8-parsed-as-path": "holds",
    "seed-step8-temporary-index": "fails",
    "seed-step8-temporary-tables": "depends",
    "seed-step8-url-without-cache": "fails",
    "seed-final-solution": "fails",
    "works-creator": "holds",
    "works-encoded-name": "holds",
    "works-file-memory-shared": "holds",
    "works-memdb": "holds",
    "works-pragmas-on-connect": "holds",
    "works-pysqlite3-creator": "holds",
    "works-pysqlite3-module": "holds",
    "works-static-pool": "holds",
    "works-temp-store-memory": "holds",
    "works-temporary-index": "holds",
}

WHERE_SQLITE_READS_URIS_UNASKED = {"seed-cause5-without-uri": "depends"}
"""What SQLite's compile option USE_URI decides."""

WHERE_IT_DOES_NOT = {"seed-cause5-without-uri": "holds"}
