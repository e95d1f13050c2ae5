"""What the rule language refuses, each with its reason, and what it says that an accepted expression reads."""

from __future__ import annotations

import pytest

from ctm_audit.evidence.relations import JUDGED
from ctm_audit.rulebook.language import check_expression
from ctm_audit.rulebook.syntax import MAX_CHARACTERS, Refusal

PAIRS, TENANTS = JUDGED["pairs"], JUDGED["tenants"]
KNOWN = "turns what was not collected into an answer"
INSIDE = "nothing may be unknown"
FOLDED = "folded on import"
ALIAS = "every column carries its alias"
ONLY = "only an expression may stand here"
RELATIONS_ONLY = "documented relations only"

UNKNOWN_INTO_AN_ANSWER = [
    ("source.upn is null", KNOWN),
    ("source.upn is not null", KNOWN),
    ("source.upn isnull", KNOWN),
    ("source.litigation_hold is true", KNOWN),
    ("source.litigation_hold is not true", KNOWN),
    ("source.litigation_hold is unknown", KNOWN),
    ("source.upn is distinct from target.upn", KNOWN),
    ("source.upn is not distinct from target.upn", KNOWN),
    ("coalesce(source.upn, '') = ''", "only directly around a subquery"),
    ("coalesce(source.upn, target.upn, 'x') = 'x'", "only directly around a subquery"),
    ("coalesce((select max(m.upn) from source_mailboxes m), source.upn, 'x') = 'x'", "only directly around a subquery"),
    ("coalesce((select max(m.upn) from source_mailboxes m) || 'a', 'x') = 'x'", "only directly around a subquery"),
    ("coalesce(source.upn in (select m.upn from source_mailboxes m), true)", "only directly around a subquery"),
    ("ifnull(source.upn, '') = ''", "only directly around a subquery"),
    ("nullif(source.upn, '') = 'x'", KNOWN),
    ("case when source.upn = 'a' then true else true end", KNOWN),
    ("case source.upn when 'a' then true end", KNOWN),
    ("if(source.litigation_hold, true, true)", KNOWN),
    ("try(source.litigation_hold)", KNOWN),
    ("greatest(source.hits, 1) = 1", KNOWN),
    ("least(source.hits, 1) = 1", KNOWN),
    ("concat(source.upn, 'x') = 'x'", KNOWN),
    ("concat_ws(',', source.upn, 'x') = 'x'", KNOWN),
    ("len(list_intersect(target.smtp, source.smtp)) = 0", "list_has_any"),
    ("len(list_concat(target.smtp, source.smtp)) = 1", "list_has_any"),
    ("len(target.smtp + source.smtp) = 1", "two lists are not joined"),
    ("len(target.smtp || source.smtp) = 1", "texts only"),
    ("list_bool_and([source.litigation_hold])", "list_has_any"),
    ("list_aggregate(target.smtp, 'count') = 0", "list_aggregate"),
    ("list_reduce(target.smtp, lambda x, y: x || y) = ''", "list_reduce"),
    ("(source.upn, target.upn) = ('a', 'b')", "dotted name"),
    ("row(source.upn) = row('a')", "dotted name"),
    ("{'a': source.upn} = {'a': 'x'}", "named arguments"),
    ("source = target", "group of fields"),
    ("source.upn = null", "NULL is not a value"),
    ("source.upn in ('a', null)", "NULL is not a value"),
    ("list_contains(['a', null], source.upn)", "NULL is not a value"),
    ("list_has_all(target.smtp, [null])", "NULL is not a value"),
    ("1.0 / 0 > source.hits", "compare products"),
    ("source.hits // 2 > 1", "compare products"),
    ("source.hits % 2 = 1", "compare products"),
]
INSIDE_A_SUBQUERY_OR_LAMBDA = [
    ("exists (select 1 from target_recipients r)", "x [not] in (select"),
    ("not exists (select 1 from target_recipients r where r.guid = this.source.exchange_guid)", "x [not] in (select"),
    ("source.upn > any (select m.upn from source_mailboxes m)", "x [not] in (select"),
    ("source.upn = any (['a'])", RELATIONS_ONLY),
    ("source.upn <> any (select m.upn from source_mailboxes m)", "x [not] in (select"),
    ("source.upn in (select upn from source_mailboxes m)", ALIAS),
    ("source.upn in (select m.upn from source_mailboxes m where upn = 'a')", ALIAS),
    ("source.upn in (select m.upn from source_mailboxes m where source.upn = m.upn)", ALIAS),
    ("source.upn in (select d.domain from target_domains d)", "no column domain"),
    ("source.upn in (select m.upn from source_mailboxes m where m.upn = this.nothing)", "no field nothing"),
    ("source.upn in (select m.upn from source_mailboxes)", "give source_mailboxes an alias"),
    ("source.upn in (select source.upn from source_mailboxes source)", "also the name of a field"),
    ("source.upn in (select this.upn from source_mailboxes this)", "also the name of a field"),
    ("source.upn in (select name.upn from source_mailboxes name)", "also the name of a field"),
    ("source.upn in (select M.upn from source_mailboxes M)", "not in small letters"),
    ("source.upn in (select a.upn from source_mailboxes a, source_mailboxes a)", "used twice"),
    ("source.upn in (select a.upn from source_mailboxes a) and target.upn in (select a.name from target_domains a)", "used twice"),
    ("len(list_filter(target.smtp, lambda source: source = 'a')) = 0", "also the name of a field"),
    ("len(list_filter(target.smtp, lambda name: name = 'a')) = 0", "also the name of a field"),
    ("len(list_filter(target.smtp, lambda accepted_suffix: accepted_suffix = 'a')) = 0", "also the name of a field"),
    ("source.upn in (select row_no.upn from source_mailboxes row_no)", "also the name of a field"),
    ("len(list_filter(target.smtp, lambda x: x = 'a')) + len(list_filter(source.smtp, lambda x: x = 'a')) = 0", "used twice"),
    ("len(list_filter(target.smtp, lambda x, i: x = 'a')) = 0", "exactly one parameter"),
    ("len(list_filter(target.smtp, x -> x = 'a')) = 0", "instead of x ->"),
    ("len([x for x in target.smtp if x = 'a']) = 0", "list_filter(list"),
    ("len(list_filter(target.smtp, lambda x: try_cast(x as bigint) > 5)) = 0", INSIDE),
    ("len(list_filter(target.smtp, lambda x: source.smtp[1] = x)) = 0", INSIDE),
    ("list_contains(list_transform(target.smtp, lambda x: try_cast(x as bigint)), 5)", INSIDE),
    ("list_contains([source.smtp[1]], 'a')", INSIDE),
    ("list_contains([try_cast(source.upn as bigint)], 5)", INSIDE),
    ("list_contains([(select max(m.upn) from source_mailboxes m)], 'a')", INSIDE),
    ("(select count(*) from source_mailboxes m where try_cast(m.upn as bigint) > 5) = 0", INSIDE),
    ("(select count(*) from source_mailboxes m where m.smtp[1] = 'a') = 0", INSIDE),
    ("(select count(*) from source_mailboxes m where m.upn = (select max(d.name) from target_domains d)) = 0", INSIDE),
    ("(select count(*) from source_mailboxes m where m.upn not in (select max(d.name) from target_domains d)) = 0", INSIDE),
    ("(select bool_and(m.upn = (select min(d.name) from target_domains d)) from source_mailboxes m)", INSIDE),
    ("len(list_filter(target.smtp, lambda x: x in (select m.upn from source_mailboxes m))) = 0", "cannot stand in a lambda"),
    ("len(list_filter(target.smtp, lambda x: accepts('target', x))) = 0", "cannot stand in a lambda"),
    ("(select m.upn from source_mailboxes m) = 'a'", "exactly one row"),
    ("(select 'a' from source_mailboxes m) = source.upn", "exactly one row"),
    ("(select (select count(*) from target_domains d) from source_mailboxes m) = 1", "exactly one row"),
    ("(select max(m.upn) from source_mailboxes m group by m.upn) = 'a'", "group by"),
    ("(select max(m.upn) from source_mailboxes m limit 1) = 'a'", "limit"),
    ("source.upn in (select m.upn from source_mailboxes m limit 1)", "order by, limit"),
    ("source.upn in (select m.upn from source_mailboxes m order by m.upn)", "order by, limit"),
    ("source.upn in (select distinct on (m.upn) m.upn from source_mailboxes m)", "distinct on"),
    ("source.upn in (select m.upn from source_mailboxes m offset 1)", "order by, limit"),
    ("source.upn in (select m.upn, m.upn from source_mailboxes m)", "exactly one value"),
    ("source.upn in (select * from source_mailboxes m)", "count(*) or name the column"),
    ("source.upn in (select columns('u.*') from source_mailboxes m)", "count(*) or name the column"),
    ("source.upn in (from source_mailboxes m)", "count(*) or name the column"),
    ("source.upn in (select m.upn as name from source_mailboxes m)", "`alias` is not allowed"),
    ("source.upn in (select m.upn from source_mailboxes m group by all)", "GROUP BY ALL"),
    ("source.upn in (select m.upn from source_mailboxes m group by rollup(m.upn))", "rollup"),
    ("source.upn in (select m.upn from source_mailboxes m group by 1)", "columns only"),
    ("source.upn in (select m.upn from source_mailboxes m having count(*) > 1)", "having needs group by"),
    ("source.upn in (select m.upn from source_mailboxes m qualify row_number() over () = 1)", "qualify"),
    ("source.upn in (select m.upn from source_mailboxes m union select 'a')", "union"),
    ("source.upn in (select m.upn from source_mailboxes m except select 'a')", "union"),
    ("source.upn in (with z as (select 1) select m.upn from source_mailboxes m)", "WITH"),
    ("source.upn in (values ('a'))", RELATIONS_ONLY),
    ("source.upn in (select 'a')", RELATIONS_ONLY),
    ("source.upn in (select q.upn from (select m.upn from source_mailboxes m) q)", RELATIONS_ONLY),
    ("source.upn in (select unnest(source.smtp) from source_mailboxes m)", "list_filter"),
    ("source.upn in (select m.upn from source_mailboxes m left join target_domains d on m.upn = d.name)", "outer join makes unknown"),
    ("source.upn in (select m.upn from source_mailboxes m full join target_domains d on m.upn = d.name)", "outer join makes unknown"),
    ("source.upn in (select m.upn from source_mailboxes m semi join target_domains d on m.upn = d.name)", "outer join makes unknown"),
    ("source.upn in (select m.upn from source_mailboxes m asof join target_domains d on m.upn >= d.name)", "outer join makes unknown"),
    ("source.upn in (select m.upn from source_mailboxes m natural join target_domains d)", "outer join makes unknown"),
    ("source.upn in (select m.upn from source_mailboxes m join source_mail_users u using (upn))", "using columns"),
    (
        "source.upn in (select a.upn from source_mailboxes a, (source_mailboxes b join target_domains d on b.nope = 1))",
        "outer join makes unknown",
    ),
    ("source.upn in (select a.upn from source_mailboxes a, source_mailboxes b, source_mailboxes c)", "only two relations"),
    ("source.upn in (select m.upn from source_mailboxes m tablesample 10%)", "sample"),
    ("source.upn in (select m.x from source_mailboxes m(x))", "column name alias"),
    ("source.upn in (select m.upn from main.source_mailboxes m)", "no relation main.source_mailboxes"),
    ("source.upn in (select m.upn from everything m)", "no relation everything"),
    ("source.upn in (select m.upn from SOURCE_MAILBOXES m)", "no relation SOURCE_MAILBOXES"),
    ("(select list(m.upn) from source_mailboxes m) = ['a']", "left to chance"),
    ("(select list(m.upn order by m.object_id) from source_mailboxes m) = ['a']", "left to chance"),
    ("(select any_value(m.upn) from source_mailboxes m) = 'a'", "any_value"),
    ("(select first(m.upn) from source_mailboxes m) = 'a'", "first"),
    ("(select arg_max(m.upn, m.upn) from source_mailboxes m) = 'a'", "arg_max"),
    ("(select string_agg(m.upn, ',') from source_mailboxes m) = 'a'", "string_agg"),
    ("(select count(*) filter (where m.upn = 'a') from source_mailboxes m) = 0", "`filter` is not allowed"),
    ("(select max(m.upn) over () from source_mailboxes m) = 'a'", "group by"),
    ("(select max(max(m.upn)) from source_mailboxes m) = 'a'", "only in the select list"),
    ("count(*) > 0 and source.upn = 'a'", "only in the select list"),
    ("source.upn in (select m.upn from source_mailboxes m where count(*) > 1)", "only in the select list"),
    ("list_distinct(target.smtp)[1] = 'a'", "any order"),
    ("list_distinct(target.smtp) = ['a', 'b']", "any order"),
]
NAIVE = [
    ("lower(source.upn) = 'a'", FOLDED),
    ("upper(source.upn) = 'A'", FOLDED),
    ("source.upn ilike 'A%'", FOLDED),
    ("source.upn not ilike 'A%'", FOLDED),
    ("source.upn collate nocase = 'a'", FOLDED),
    ("project.now < now()", "project.now"),
    ("project.now < current_timestamp", "project.now"),
    ("project.now < today()", "project.now"),
    ("source.upn like '%' || target.upn", "written out"),
    ("source.upn like target.upn", "written out"),
    ("regexp_matches(source.upn, target.upn)", "written out"),
    ("regexp_matches(source.upn, 'A', 'i')", "does not take"),
    ("source.upn like 'a!_b' escape '!'", "starts_with"),
    ("source.upn glob 'a*'", "not part of the rule language"),
    ("source.upn ^@ 'a'", "starts_with"),
    ("source.upn in target.smtp", "list_contains"),
    ("contains(target.smtp, source.upn)", "list_contains"),
    ("list_has(target.smtp, source.upn)", "list_contains"),
    ("target.smtp = source.upn", "values of one type"),
    ("target.smtp > source.smtp", "no greater and smaller"),
    ("source.upn = 5", "values of one type"),
    ("source.hits = '5'", "values of one type"),
    ("source.litigation_hold = 'true'", "values of one type"),
    ("source.hits between 1 and 'b'", "values of one type"),
    ("source.upn in ('a', 5)", "values of one type"),
    ("target.smtp in (['a'], ['b'])", "one value"),
    ("source.upn::integer = 5", "only try_cast"),
    ("cast(source.upn as integer) = 5", "only try_cast"),
    ("try_cast(source.upn as double) > 5", "only try_cast"),
    ("try_cast(source.upn as timestamp) > project.now", "only try_cast"),
    ("try_cast(source.hits as bigint) > 5", "try_cast needs text"),
    ("source.upn::varchar = 'a'", "only try_cast"),
    ("source.upn[1] = 'a'", "element of a list"),
    ("target.smtp[1:2] = ['a']", "list_filter"),
    ("target.smtp.len() = 1", "hides what it reads"),
    ("target.smtp.list_filter(lambda x: x = 'a') = []", "hides what it reads"),
    ("source.upn.starts_with('a')", "hides what it reads"),
    ("(source).upn = 'a'", "dotted name"),
    ("source['upn'] = 'a'", "group of fields"),
    ("this.source.upn = 'a'", "without `this.`"),
    ('"source.upn" = \'a\' and "source"."Upn" = \'a\'', "no field source.Upn"),
    ("Source.upn = 'a'", "do you mean source.upn"),
    ("upn = 'a'", "do you mean source.upn"),
    ("source.uqn = 'a'", "docs/relations.md"),
    ("row_no = 1", "no field row_no"),
    ("not source.upn", "not needs true or false"),
    ("source.upn and source.litigation_hold", "and/or needs true or false"),
    ("source.upn || source.hits = 'a1'", "texts only"),
    ("date_diff('month', project.now, project.now) = 0", "counts in day"),
    ("date_diff(source.upn, project.now, project.now) = 0", "written out"),
    ("project.now - to_days(source.hits) > project.now", "written out"),
    ("accepts('source', source.upn)", "accepts('target', domain)"),
    ("accepts(source.upn)", "accepts('target', domain)"),
    ("array[source.upn] = ['a']", "square brackets alone"),
    ("sum(source.hits) over () = 1", "group by"),
    ("starts_with(source.upn, prefix := 'a')", "named arguments"),
    ("list_filter(target.smtp, 'a') = []", "list_filter(list, lambda"),
    ("list_filter(source.upn, lambda x: x = 'a') = []", "takes a list"),
    ("list_filter(target.smtp, lambda x: x) = []", "keeps what is true"),
    ("len(distinct target.smtp) = 1", "only in aggregates"),
    ("true", "reads no column"),
    ("1 = 1", "reads no column"),
    ("(select count(*) from source_mailboxes m) > 0", "reads no column"),
    ("source.upn", "write a comparison"),
    ("'abc'", "write a comparison"),
    ("source.hits > 0x1F", "no single SQL expression"),
    ("source.hits = 1e400", "a plain number"),
    ("source.hits = 99999999999999999999", "a plain number"),
    ("source.upn = x'41'", "a plain text"),
    ("lambda x: x", "second argument"),
]
MORE_OR_LESS_THAN_ONE_EXPRESSION = [
    ("", "empty"),
    ("   \n ", "empty"),
    ("source.upn = 'a'; drop table pairs", "no single SQL expression"),
    ("source.upn = 'a'; select true", "several statements"),
    ("source.upn = 'a' from pairs", ONLY),
    ("source.upn = 'a' where true", ONLY),
    ("source.upn = 'a' limit 1", ONLY),
    ("source.upn = 'a' order by 1", ONLY),
    ("source.upn = 'a' group by all", "only one expression"),
    ("source.upn = 'a' union select true", ONLY),
    ("distinct source.upn = 'a'", ONLY),
    ("source.upn = 'a', true", "only one expression"),
    ("source.upn = 'a' as b", "no single SQL expression"),
    ("source.upn = 'a' passes", "no single SQL expression"),
    ("source.upn = 'a') or (true", "no single SQL expression"),
    ("source.upn = 'a' -- and false", "comments"),
    ("source.upn = 'a' /* and false */", "comments"),
    ("source.upn = 'a'\x00", "control character"),
    ("source.upn = ", "no single SQL expression"),
    ("*", "count(*) or name the column"),
    ("source.*", "count(*) or name the column"),
    ("#1", "positional reference"),
    ("?", "write the value"),
    ("$1 = source.upn", "write the value"),
    ("source.upn = '" + "a" * MAX_CHARACTERS + "'", "at most 1,000"),
    ("not " * 60 + "source.litigation_hold", "nested too deeply"),
    ("(" * 450 + "source.litigation_hold" + ")" * 450, "ACCEPTED"),
]
HOSTILE = [
    ("read_text('/etc/passwd') = source.upn", "read_text"),
    ("getenv('HOME') = source.upn", "getenv"),
    ("source.upn in (select content from read_text('/etc/passwd') r)", RELATIONS_ONLY),
    ("source.upn in (select r.a from 'file.parquet' r)", "no relation file.parquet"),
    ("source.upn in (select r.a from read_csv('x.csv') r)", RELATIONS_ONLY),
    ("source.upn in (select r.file from glob('*') r)", RELATIONS_ONLY),
    ("source.upn in (select q.a from query('select 1') q)", RELATIONS_ONLY),
    ("source.upn in (select q.upn from query_table('pairs') q)", RELATIONS_ONLY),
    ("source.upn in (select t.table_name from duckdb_tables() t)", RELATIONS_ONLY),
    ("source.upn in (select s.value from duckdb_settings() s)", RELATIONS_ONLY),
    ("source.upn in (select t.table_name from information_schema.tables t)", "no relation information_schema.tables"),
    ("source.upn in (select v.rule from verdicts v)", "no relation verdicts"),
    ("json_execute_serialized_sql(source.upn) = 'a'", "json_execute_serialized_sql"),
    ("current_setting('temp_directory') = source.upn", "current_setting"),
    ("len(range(1000000000)) > source.hits", "range"),
    ("len(generate_series(1, 1000000000)) > source.hits", "generate_series"),
    ("len(repeat('a', 1000000000)) > source.hits", "repeat"),
    ("len(lpad('a', 1000000000, 'b')) > source.hits", "lpad"),
    ("len(replace(source.upn, '', 'aaaaaaaa')) > 1", "replace"),
    ("error(source.upn) = 'a'", "error"),
    ("nextval('s') = source.hits", "nextval"),
    ("random() < source.hits", "random"),
    ("uuid() = source.upn", "uuid"),
    ("txid_current() = source.hits", "txid_current"),
    ("write_log(source.upn) = 'a'", "write_log"),
    ("attach ':memory:' as x", "no single SQL expression"),
    ("1); copy (select 1) to 'x.csv'; select (1", "no single SQL expression"),
    ("pragma version", "no single SQL expression"),
]
REFUSED = [
    *UNKNOWN_INTO_AN_ANSWER,
    *INSIDE_A_SUBQUERY_OR_LAMBDA,
    *NAIVE,
    *(entry for entry in MORE_OR_LESS_THAN_ONE_EXPRESSION if entry[1] != "ACCEPTED"),
    *HOSTILE,
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_refuses_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_expression(text, PAIRS, "verdict")
    assert reason in refused.value.message
    assert 0 <= refused.value.position <= len(text) + 1


def test_counts_as_many_traps_as_are_known() -> None:
    assert len(REFUSED) > 200


def test_many_brackets_are_only_brackets() -> None:
    assert check_expression("(" * 450 + "source.litigation_hold" + ")" * 450, PAIRS, "verdict").fields == {"source.litigation_hold"}


def test_points_at_the_character_after_signs_of_several_bytes() -> None:
    with pytest.raises(Refusal) as refused:
        check_expression("source.upn = 'é→' and lower(target.upn) = 'a'", PAIRS, "verdict")
    assert refused.value.position == len("source.upn = 'é→' and ") + 1


@pytest.mark.parametrize(
    ("text", "fields", "guarded", "looked_up"),
    [
        ("list_contains(target.x500, source.legacy_exchange_dn_key)", "target.x500 source.legacy_exchange_dn_key", "", {}),
        ("stage in ('prepared', 'moving') and not source.litigation_hold", "stage source.litigation_hold", "", {}),
        ("len(list_filter(target.smtp, lambda a: a = source.upn)) = 0", "target.smtp source.upn", "source.upn", {}),
        ("target.smtp = [source.upn]", "target.smtp source.upn", "source.upn", {}),
        ("accepts('target', plan.upn_domain)", "plan.upn_domain", "plan.upn_domain", {"target_accepted_domains": "name match_subdomains"}),
        ("target.upn not in (select m.upn from source_mailboxes m)", "target.upn", "", {"source_mailboxes": "upn"}),
        (
            "target.upn not in (select p.target.upn from pairs p group by p.target.upn having count(*) > 1)",
            "target.upn",
            "",
            {"pairs": "target.upn"},
        ),
        (
            "(select count(*) from source_mailboxes m, target_domains d where m.upn = d.name and m.upn = this.source.upn) = 0",
            "source.upn",
            "source.upn",
            {"source_mailboxes": "upn", "target_domains": "name"},
        ),
        (
            "(select count(*) from source_mailboxes m join target_domains d on m.upn = d.name) = 0",
            "",
            "",
            {"source_mailboxes": "upn", "target_domains": "name"},
        ),
        ("(select count(*) from source_mailboxes m) = source.hits", "source.hits", "", {"source_mailboxes": ""}),
        ("coalesce((select list(m.upn order by m.upn) from source_mailboxes m), []) = []", "", "", {"source_mailboxes": "upn"}),
        ("list_contains(source.smtp, 'x -- /* no comment */')", "source.smtp", "", {}),
        ("project.now - to_days(30) > timestamp '2027-01-31'", "project.now", "", {}),
        ("date_diff('day', timestamp '2027-01-31', project.now) between 0 and 3", "project.now", "", {}),
        ("source.total_item_size * 10 < source.quota * 9", "source.total_item_size source.quota", "", {}),
        ("try_cast(split_part(source.upn, '@', -1) as bigint) > -5", "source.upn", "", {}),
        ("target.smtp[-1] = 'a'", "target.smtp", "", {}),
        ("list_has_all(target.x500, source.x500) or target.x500 <> []", "target.x500 source.x500", "", {}),
        ("list_contains(list_transform(target.smtp, lambda a: split_part(a, '@', -1)), 'x')", "target.smtp", "", {}),
    ],
)
def test_says_exactly_what_is_read(text: str, fields: str, guarded: str, looked_up: dict[str, str]) -> None:
    found = check_expression(text, PAIRS, "verdict")
    assert found.fields == set(fields.split())
    assert found.guarded == set(guarded.split())
    assert found.looked_up == {name: set(columns.split()) for name, columns in looked_up.items()}
    assert found.type == "BOOLEAN"


def test_a_field_belongs_to_the_relation_that_is_judged() -> None:
    assert check_expression("not is_dehydrated", TENANTS, "verdict").fields == {"is_dehydrated"}
    with pytest.raises(Refusal, match="tenants has no field"):
        check_expression("source.upn = 'a'", TENANTS, "verdict")


def test_what_happened_to_be_collected_may_be_told_but_decides_nothing() -> None:
    assert check_expression("array_to_string(source.held_by, '; ')", PAIRS, "text").fields == {"source.held_by"}
    with pytest.raises(Refusal, match="only `expected` and `found` may read it"):
        check_expression("len(source.held_by) = 0", PAIRS, "verdict")


@pytest.mark.parametrize(
    "text",
    [
        "coalesce(nullif(source.upn, ''), 'none')",
        "case when source.litigation_hold then 'on' when source.upn is null then 'off' end",
        "'size ' || format_bytes(source.quota) || ', ' || source.hits || ' hits'",
        "array_to_string(target.smtp, ', ')",
        "cast(source.hits as varchar)",
        "source.hits",
        "project.now",
        "array_to_string((select list(d.name order by d.is_verified) from target_domains d), ', ')",
        "array_to_string(list_transform(target.smtp, lambda a: coalesce(a, source.upn)), ', ')",
    ],
)
def test_texts_may_say_what_is_unknown(text: str) -> None:
    assert check_expression(text, PAIRS, "text").text == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("target.smtp", "array_to_string"),
        ("target.smtp::varchar", "array_to_string"),
        ("source.upn::integer", "only try_cast"),
        ("printf('%d', source.hits)", "printf"),
        ("format('{}', source.upn)", "format"),
        ("repeat(source.upn, 1000000)", "repeat"),
        ("getenv('HOME')", "getenv"),
        ("array_to_string((select list(d.name) from target_domains d), ', ')", "left to chance"),
        ("(select d.name from target_domains d)", "exactly one row"),
        ("lower(source.upn)", "folded"),
        ("null", "NULL"),
    ],
)
def test_texts_can_neither_fail_nor_reach_out(text: str, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        check_expression(text, PAIRS, "text")
