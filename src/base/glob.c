#include "base/glob.h"

static size_t character_length(struct str text)
{
    size_t length = str_utf8_length(text);

    return length > 0 ? length : (text.n > 0);
}

/* Takes the character at the front; the bytes of two characters compare like
 * their code points, so that ranges need no decoding. */
static struct str take_character(struct str *text)
{
    struct str character = str_slice(*text, 0, character_length(*text));

    *text = str_after(*text, character.n);
    return character;
}

/* What is between the brackets of a class that begins the pattern, without the
 * '!'. A ']' that comes first is one of the characters. */
struct class
{
    struct str content;
    size_t length; /* with the brackets; 0: this is no class */
    bool negated;
};

static struct class class_read(struct str pattern)
{
    struct class class = {.negated = pattern.n > 1 && pattern.s[1] == '!'};
    size_t start = class.negated ? 2 : 1;

    if (pattern.n <= start) {
        return (struct class){0};
    }
    size_t end = start + 1 + str_index(str_after(pattern, start + 1), ']');
    if (end >= pattern.n) {
        return (struct class){0};
    }
    class.content = str_slice(pattern, start, end - start);
    class.length = end + 1;
    return class;
}

/* The next character or range of a class. */
static void take_range(struct str *content, struct str *first, struct str *last)
{
    *first = take_character(content);
    *last = *first;
    if (content->n > 1 && content->s[0] == '-') {
        *content = str_after(*content, 1);
        *last = take_character(content);
    }
}

static bool class_holds(const struct class *class, struct str character)
{
    struct str content = class->content;
    bool found = false;

    while (content.n > 0 && !found) {
        struct str first;
        struct str last;
        take_range(&content, &first, &last);
        found = str_compare(first, character) <= 0 && str_compare(character, last) <= 0;
    }
    return found != class->negated;
}

/* Matches one character of a segment against what begins the pattern, which is
 * not '*'; returns how much of the pattern that was, 0 for no match. */
static size_t match_character(struct str pattern, struct str character)
{
    if (pattern.s[0] == '?') {
        return 1;
    }
    if (pattern.s[0] == '[') {
        struct class class = class_read(pattern);
        if (class.length > 0) {
            return class_holds(&class, character) ? class.length : 0;
        }
    }
    return str_starts(pattern, character) ? character.n : 0;
}

/* Going back to the last '*' is enough: what stands between two of them is best
 * found as early as possible. So the time is the product of the lengths. */
static bool match_segment(struct str pattern, struct str segment)
{
    struct str star_pattern = {0};
    struct str star_segment = {0};
    bool after_star = false;

    while (segment.n > 0 || pattern.n > 0) {
        if (pattern.n > 0 && pattern.s[0] == '*') {
            pattern = str_after(pattern, 1);
            star_pattern = pattern;
            star_segment = segment;
            after_star = true;
            continue;
        }
        struct str rest = segment;
        struct str character = take_character(&rest);
        size_t used = pattern.n > 0 && character.n > 0 ? match_character(pattern, character) : 0;
        if (used > 0) {
            pattern = str_after(pattern, used);
            segment = rest;
        } else if (after_star && star_segment.n > 0) {
            take_character(&star_segment);
            pattern = star_pattern;
            segment = star_segment;
        } else {
            return false;
        }
    }
    return true;
}

/* The segments of a path, one by one. */
struct walk {
    struct str segment;
    struct str rest;
    bool has; /* a segment */
    bool more;
};

static void walk_next(struct walk *walk)
{
    walk->has = walk->more;
    if (walk->more) {
        walk->more = str_cut(walk->rest, '/', &walk->segment, &walk->rest);
    }
}

static struct walk walk_begin(struct str path)
{
    struct walk walk = {.rest = path, .more = path.n > 0};

    walk_next(&walk);
    return walk;
}

/* As match_segment, with segments for characters and '**' for '*'. */
bool glob_match(struct str pattern, struct str path)
{
    struct walk p = walk_begin(pattern);
    struct walk s = walk_begin(path);
    struct walk star_p = {0};
    struct walk star_s = {0};
    bool after_star = false;

    while (s.has || p.has) {
        if (p.has && str_is(p.segment, "**")) {
            walk_next(&p);
            star_p = p;
            star_s = s;
            after_star = true;
        } else if (p.has && s.has && match_segment(p.segment, s.segment)) {
            walk_next(&p);
            walk_next(&s);
        } else if (after_star && star_s.has) {
            walk_next(&star_s);
            p = star_p;
            s = star_s;
        } else {
            return false;
        }
    }
    return true;
}

bool glob_may_match_below(struct str pattern, struct str folder)
{
    if (str_ends(folder, STR("/"))) {
        folder.n--;
    }
    struct walk p = walk_begin(pattern);
    struct walk s = walk_begin(folder);
    while (p.has && s.has) {
        if (str_is(p.segment, "**")) {
            return true;
        }
        if (!match_segment(p.segment, s.segment)) {
            return false;
        }
        walk_next(&p);
        walk_next(&s);
    }
    return p.has;
}

/* Offset of the first character that is magic, or the pattern's length. */
static size_t magic_at(struct str pattern)
{
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.s[i] == '*' || pattern.s[i] == '?' || pattern.s[i] == '[') {
            return i;
        }
    }
    return pattern.n;
}

bool glob_has_magic(struct str pattern)
{
    return magic_at(pattern) < pattern.n;
}

struct str glob_fixed_prefix(struct str pattern)
{
    size_t end = magic_at(pattern);

    while (end > 0 && pattern.s[end - 1] != '/') {
        end--;
    }
    return str_slice(pattern, 0, end);
}

static const char *class_problem(struct str pattern, size_t *length)
{
    struct class class = class_read(pattern);

    if (class.length == 0) {
        return "unclosed '['";
    }
    if (class.content.s[0] == '^') {
        return "'[^' has no meaning here; '[!' is 'none of these'";
    }
    while (class.content.n > 0) {
        struct str first;
        struct str last;
        take_range(&class.content, &first, &last);
        if (str_compare(first, last) > 0) {
            return "a range in '[...]' runs backwards";
        }
    }
    *length = class.length;
    return NULL;
}

static const char *segment_problem(struct str segment)
{
    if (str_is(segment, "**")) {
        return NULL;
    }
    while (segment.n > 0) {
        size_t length = 1;
        if (str_starts(segment, STR("**"))) {
            return "'**' must be a whole segment";
        }
        const char *problem = segment.s[0] == '[' ? class_problem(segment, &length) : NULL;
        if (problem) {
            return problem;
        }
        segment = str_after(segment, length);
    }
    return NULL;
}

const char *glob_problem(struct str pattern)
{
    if (str_utf8_invalid_at(pattern) < pattern.n) {
        return "not UTF-8";
    }
    for (struct walk p = walk_begin(pattern); p.has; walk_next(&p)) {
        const char *problem = segment_problem(p.segment);
        if (problem) {
            return problem;
        }
    }
    return NULL;
}

bool glob_is_everything(struct str pattern)
{
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.s[i] != '*' && pattern.s[i] != '/') {
            return false;
        }
    }
    return pattern.n > 0;
}
