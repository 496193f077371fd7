/* Templates that mean harm end with an error. That they end in time is for the program's own time limit to judge. */
#include <bombus/template.h>
#include <bombus/tokenizer.h>

#include "testing.h"

static bombus_error err;

/* The text of a template; NULL after an error, which is in err. */
static char *render_plain(const char *source)
{
    bombus_template *t;
    char *text = NULL;

    if (bombus_template_create(&t, source, strlen(source), "t", NULL, &err) != BOMBUS_OK)
        return NULL;
    bombus_template_render(t, &(bombus_template_input){.messages = "[{}]"}, &text, NULL, &err);
    bombus_template_free(t);
    return text;
}

static void assert_ends(const char *const *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = render_plain(sources[i]);
        if (text)
            fail_msg("%s: ends with a text of %zu bytes", sources[i], strlen(text));
        if (err.code != BOMBUS_ELIMIT)
            fail_msg("%s: %s", sources[i], err.message);
    }
}

static void endless_templates_end(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% set x = range(99999)|list %}{% endfor %}",
        "{% for a in range(99999) %}{{ range(99999)|sum }}{% endfor %}",
        "{% set s = 'ab' * 10000000 %}{% for a in range(99999) %}{% set t = s.count('b') %}{% endfor %}",
        "{% set s = 'é' * 10000000 %}{% for a in range(99999) %}{{ s[9000000] }}{% endfor %}",
        "{% set s = ' ' * 10000000 %}{% for a in range(99999) %}{% set t = s|trim %}{% endfor %}",
        "{% set s = 'a' * 10000000 %}{% for a in range(99999) %}{% set t = s == s ~ '' %}{% endfor %}",
        "{% set s = ('a' * 5000 ~ 'b') * 1000 %}{% for a in range(99999) %}{% set t = s.replace('a' * 5000 ~ 'c', '') %}{% endfor %}",
        "{% set s = 'a' * 10000000 %}{{ s.rfind('a' * 5000 ~ 'b') }}",
        "{% set l = range(99999)|list %}{% for a in l %}{% if -1 in l %}{% endif %}{% endfor %}",
        "{% set l = range(99999)|list %}{% for a in l %}{{ l|sort|first }}{% endfor %}",
        "{% set l = range(99999)|list %}{% for a in l %}{{ l|tojson|length }}{% endfor %}",
        "{% set l = [0] * 99999 %}{% for a in l %}{{ l == l + [] }}{{ l.count(1) }}{% endfor %}",
        "{% set s = 'xX ' * 1000000 %}{% for a in range(99999) %}{% set t = s|title|upper|lower|capitalize|wordcount %}{% endfor %}",
    };
#ifdef BOMBUS_DEBUG
    enum { COUNT = 3 }; /* with sanitizers on top each takes ten times as long: the others tell them nothing new */
#else
    enum { COUNT = sizeof sources / sizeof *sources };
#endif

    assert_ends(sources, COUNT);
}

static void templates_that_grow_without_end_are_stopped(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "{% set ns = namespace(s='ab') %}{% for a in range(99999) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for a in range(99999) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for a in range(99999) %}{% set ns.s = ns.s.replace('a', 'aab') %}{% endfor %}",
        "{{ 'ab' * 99999999999 }}",
        "{{ [1] * 99999999999 }}",
        "{{ 'a'.center(99999999999) }}",
        "{{ '%99999999999d' % 1 }}",
        "{{ '{:99999999999}'.format(1) }}",
        "{{ '%.99999999d' % 1 }}",
        "{{ 'a\nb'|indent(99999999999) }}",
        "{{ 'a'.zfill(999999999999) }}",
        "{{ '\t'.expandtabs(999999999999) }}",
        "{{ [1]|batch(99999999999, 'x')|list }}",
        "{{ [1]|slice(99999999999)|list }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ 'x' * 1000 }}{% endfor %}{% endfor %}",
        "{% set ns = namespace(d={}) %}{% for a in range(99999) %}{% set ns.d = dict(ns.d, **{a ~ '': 1}) %}{% endfor %}",
        "{{ {'a': 1}|tojson(indent=999999999) }}",
    };

    assert_ends(sources, sizeof sources / sizeof *sources);
}

static void templates_that_nest_without_end_are_stopped(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro a() %}{{ caller() }}{% endmacro %}{% macro b() %}{% call a() %}{{ b() }}{% endcall %}{% endmacro %}{{ b() }}",
        "{% macro m(n) %}{% for i in range(2) %}{{ m(n) }}{% endfor %}{% endmacro %}{{ m(1) }}",
        "{% set ns = namespace(l=[]) %}{% for a in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l=[]) %}{% for a in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|tojson }}",
        "{% set ns = namespace(l=[], k=[]) %}{% for a in range(9999) %}{% set ns.l = [ns.l] %}{% set ns.k = [ns.k] %}{% endfor %}{{ ns.l == ns.k }}",
        "{% set ns = namespace(l=(1,)) %}{% for a in range(9999) %}{% set ns.l = (ns.l,) %}{% endfor %}{{ {ns.l: 1} }}",
        "{% set ns = namespace(g=[1]) %}{% for a in range(99999) %}{% set ns.g = ns.g|map('string') %}{% endfor %}{{ ns.g|list }}",
    };

    assert_ends(sources, sizeof sources / sizeof *sources);
}

static void deep_source_is_refused(void **state)
{
    (void)state;
    static const char *const pieces[][3] = {
        {"{{ ", "(", ""},
        {"{{ ", "[", ""},
        {"{{ ", "-", "1 }}"},
        {"{{ ", "not ", "1 }}"},
        {"{{ 1", " + 1", " }}"},
        {"{{ 1", "|abs", " }}"},
        {"{{ 1", " if 1 else 1", " }}"},
        {"{{ a", ".b", " }}"},
        {"{{ 1", " is defined", " }}"},
        {"", "{% if 1 %}", ""},
        {"", "{% for x in y %}", ""},
        {"{% if 1 %}", "{% elif 1 %}", "{% endif %}"},
        {"{{ a", "[0]", " }}"},
        {"{{ a", "()", " }}"},
        {"{{ 1", " and 1", " }}"},
        {"{{ 1", " ~ 1", " }}"},
        {"{{ 1", " < 1", " }}"},
        {"{{ ", "{1:", ""},
    };
    enum { TIMES = 100000 };
    char *source = malloc(TIMES * 20);

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *at = stpcpy(source, pieces[i][0]);
        for (int k = 0; k < TIMES; k++)
            at = stpcpy(at, pieces[i][1]);
        stpcpy(at, pieces[i][2]);
        bombus_text_free(render_plain(source)); /* long chains without depth are fine */
    }
    free(source);
}

static void a_template_that_gathers_its_text_stays_linear(void **state)
{
    (void)state;
    char *text = render_plain("{% set ns = namespace(s='') %}{% for i in range(99999) %}{% set ns.s = ns.s + 'some words of a message' %}"
                              "{% endfor %}{{ ns.s }}");

    if (!text)
        fail_msg("%s", err.message);
    assert_int_equal(strlen(text), 99999 * 23);
    bombus_text_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endless_templates_end),
        cmocka_unit_test(templates_that_grow_without_end_are_stopped),
        cmocka_unit_test(templates_that_nest_without_end_are_stopped),
        cmocka_unit_test(deep_source_is_refused),
        cmocka_unit_test(a_template_that_gathers_its_text_stays_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
