"""What the search keeps: no word and no stem, keyed hashes alone; not folded, in no state hash (decision 0030)."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

search_metadata = MetaData()

search_case = Table(
    "search_case",
    search_metadata,
    Column("case_id", String(36), primary_key=True),
    Column("place", BigInteger, nullable=False, comment="when somebody wrote last: microseconds, and 10 bits more"),
    Column("key", String(64), nullable=False, comment="of the person whose words these are"),
    Column("terms", LargeBinary, nullable=False, comment="its hashes, 8 bytes each: to take them away again"),
    Index("search_case_place", "place", unique=True),
    Index("search_case_key", "key"),
    comment="Cases that are found by words; not folded, cleared by an erasure",
)

search_term = Table(
    "search_term",
    search_metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False, comment="64 bits of a stem's keyed hash"),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    comment="In which cases a stem stands; not folded, cleared by an erasure",
    sqlite_with_rowid=False,
)

search_wait = Table(
    "search_wait",
    search_metadata,
    Column("case_id", String(36), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("asked", String(36), nullable=False, comment="the event after which it is read again"),
    Index("search_wait_partition", "partition", "case_id"),
    comment="Cases whose words are to be read; not folded",
)

search_made = Table(
    "search_made",
    search_metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("made_of", String(16), nullable=False, comment="of which key all hashes of the partition's cases are"),
    comment="Whether everything that came before was read; not folded",
)
