/* A line from the terminal, edited by libedit, with a history that outlives the program.
 *
 * Characters are read here and not by libedit, for three reasons: a signal that comes just before the wait for a key must end that wait;
 * what is not UTF-8 must be noticed and not dropped; and libedit's own handlers write to the terminal from inside a signal handler and send
 * the signal on to the whole process group. Owns: the EditLine, its History, and while a line is read the handlers of SIGWINCH, SIGTSTP and
 * of the signals that end the program: the terminal is put back first. */
#include "editor.h"

#include "request.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

enum { HISTORY_SIZE = 1000 };

struct editor {
    EditLine *line;
    History *history;
    char *file; /* of the history; NULL where none is kept */
    const char *prompt;
    sigset_t waiting; /* the signals that are blocked while a key is waited for */
    bool not_utf8;    /* something in the present line */
    bool held;        /* next_byte has been read, but belongs to no character yet */
    char next_byte;
    bool was_empty; /* the line that was interrupted */
    bool pastes;    /* the terminal is told to bracket what is pasted */
};

enum { OWN_SIGNALS = 5 };

/* Those from the third on end the program. */
static const int own_signals[OWN_SIGNALS] = {SIGWINCH, SIGTSTP, SIGHUP, SIGTERM, SIGQUIT};

static volatile sig_atomic_t resized, suspended, ending;

static void on_resize(int number)
{
    (void)number;
    resized = 1;
}

static void on_suspend(int number)
{
    (void)number;
    suspended = 1;
}

static void on_end(int number)
{
    ending = number;
}

/* ---- signals ---- */

/* SIGINT is blocked with them: its handler is there already. */
static void take_signals(editor *e, struct sigaction old[OWN_SIGNALS])
{
    sigset_t blocked;

    resized = suspended = ending = 0;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    for (int i = 0; i < OWN_SIGNALS; i++)
        sigaddset(&blocked, own_signals[i]);
    sigprocmask(SIG_BLOCK, &blocked, &e->waiting);
    for (int i = 0; i < OWN_SIGNALS; i++) {
        const struct sigaction own = {.sa_handler = i == 0 ? on_resize : i == 1 ? on_suspend : on_end};
        sigaction(own_signals[i], NULL, &old[i]);
        if (i < 2 || old[i].sa_handler != SIG_IGN) /* nohup stays nohup */
            sigaction(own_signals[i], &own, NULL);
    }
}

/* What ends the program does so now. */
static void give_signals_back(const editor *e, const struct sigaction old[OWN_SIGNALS])
{
    for (int i = 0; i < OWN_SIGNALS; i++)
        sigaction(own_signals[i], &old[i], NULL);
    if (ending)
        raise(ending);
    sigprocmask(SIG_SETMASK, &e->waiting, NULL);
}

/* ---- characters ---- */

/* Between two lines the terminal is as the shell left it; while one is edited it must be put back before the program stops. The signal does
 * what it does by itself, which is nothing where no shell waits to wake the program up. */
static void suspend(editor *e)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    struct sigaction ours;
    sigset_t all;

    el_set(e->line, EL_PREP_TERM, 0);
    put("\n", 1);
    flush_output();
    sigaction(SIGTSTP, &usual, &ours);
    raise(SIGTSTP);
    sigprocmask(SIG_SETMASK, &e->waiting, &all); /* it comes now */
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigaction(SIGTSTP, &ours, NULL);
    el_set(e->line, EL_PREP_TERM, 1);
    el_set(e->line, EL_REFRESH);
}

/* Waits for a byte. Signals are blocked but in pselect, so that none is missed. Returns 1, 0 at the end of input, -1 for an interrupt. */
static int read_byte(editor *e, char *byte)
{
    if (e->held) {
        e->held = false;
        *byte = e->next_byte;
        return 1;
    }
    for (;;) {
        if (ending)
            return -1;
        if (interrupted) {
            const LineInfo *info = el_line(e->line);
            e->was_empty = info->lastchar == info->buffer;
            return -1;
        }
        if (resized) {
            resized = 0;
            el_resize(e->line);
            el_set(e->line, EL_REFRESH);
        }
        if (suspended) {
            suspended = 0;
            suspend(e);
        }
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(STDIN_FILENO, &ready);
        if (pselect(STDIN_FILENO + 1, &ready, NULL, NULL, NULL, &e->waiting) < 0) {
            if (errno == EINTR)
                continue;
            return 0;
        }
        const ssize_t got = read(STDIN_FILENO, byte, 1);
        if (got >= 0)
            return (int)got;
        if (errno != EINTR && errno != EAGAIN)
            return 0; /* the terminal has gone */
    }
}

/* EL_GETCFN. What is no character becomes U+FFFD, to be seen where it stands; what ends it is a key by itself. */
static int read_character(EditLine *line, wchar_t *out)
{
    editor *e;
    mbstate_t state = {0};
    char byte;

    el_get(line, EL_CLIENTDATA, &e);
    for (;;) {
        const int got = read_byte(e, &byte);
        if (got != 1)
            return got;
        const bool inside = !mbsinit(&state);
        const size_t length = mbrtowc(out, &byte, 1, &state);
        if (length == (size_t)-2)
            continue;
        if (length == (size_t)-1) {
            e->not_utf8 = true;
            e->held = inside;
            e->next_byte = byte;
            *out = 0xfffd;
        }
        return 1;
    }
}

/* ---- pasted text ---- */

static const wchar_t paste_end[] = L"\x1b[201~";

enum { PASTE_END = sizeof paste_end / sizeof *paste_end - 1 };

/* What the terminal sends for a newline is a carriage return. Control characters would be drawn, or worse, when the line is. */
static size_t clean_paste(wchar_t *text, size_t count)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        wchar_t c = text[i];
        if (c == L'\r')
            c = L'\n';
        if ((c >= 32 && c != 127) || c == L'\n' || c == L'\t')
            text[used++] = c;
    }
    while (used && text[used - 1] == L'\n')
        used--;
    text[used] = L'\0';
    return used;
}

/* Bound to what a terminal sends before pasted text: all of it goes into the line, its newlines too, and is not sent before Enter. */
static unsigned char insert_paste(EditLine *line, wint_t key)
{
    wchar_t *text = NULL, c;
    size_t count = 0, capacity = 0;
    unsigned char result = CC_REFRESH;

    (void)key;
    for (bool ended = false; !ended;) {
        if (count + 1 >= capacity) {
            wchar_t *grown = realloc(text, (capacity = 2 * capacity + 1024) * sizeof *text);
            if (!grown) {
                free(text);
                return CC_ERROR;
            }
            text = grown;
        }
        if (el_wgetc(line, &c) != 1) {
            free(text);
            return CC_ERROR; /* and so will the next key be */
        }
        text[count++] = c;
        ended = count >= PASTE_END && wmemcmp(text + count - PASTE_END, paste_end, PASTE_END) == 0;
    }
    if (clean_paste(text, count - PASTE_END) && el_winsertstr(line, text) != 0)
        result = CC_ERROR;
    free(text);
    return result;
}

static void bracket_pastes(const editor *e, bool on)
{
    if (e->pastes)
        print("\x1b[?2004%c", on ? 'h' : 'l');
    flush_output();
}

/* ---- history ---- */

/* All directories of a path to a file. */
static bool make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

/* NULL where there is no place for it. */
static char *history_file(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char path[PATH_MAX];
    int length = -1;

    if (state && *state == '/')
        length = snprintf(path, sizeof path, "%s/bombus/chat_history", state);
    else if (home && *home == '/')
        length = snprintf(path, sizeof path, "%s/.local/state/bombus/chat_history", home);
    return length > 0 && (size_t)length < sizeof path ? strdup(path) : NULL;
}

static void load_history(editor *e)
{
    struct stat info;
    HistEvent event;

    e->file = history_file();
    if (!e->file || stat(e->file, &info) != 0 || info.st_size == 0)
        return;
    if (history(e->history, &event, H_LOAD, e->file) >= 0)
        return;
    complain("%s: is no history of libedit's, so none is kept", e->file);
    free(e->file);
    e->file = NULL;
}

/* Into a file beside it first, which libedit makes readable for its owner alone: a program that dies here takes no history with it. */
static bool save_history(const editor *e)
{
    char temporary[PATH_MAX + 32];
    HistEvent event;

    snprintf(temporary, sizeof temporary, "%s.%ld", e->file, (long)getpid());
    errno = 0;
    if (make_parents(e->file) && history(e->history, &event, H_SAVE, temporary) >= 0 && rename(temporary, e->file) == 0)
        return true;
    complain("%s: cannot write: %s", e->file, strerror(errno));
    unlink(temporary);
    return false;
}

void remember(editor *e, const char *text)
{
    HistEvent event;

    if (history(e->history, &event, H_ENTER, text) < 0 || !e->file || save_history(e))
        return;
    free(e->file);
    e->file = NULL;
}

/* ---- the editor ---- */

static char *show_prompt(EditLine *line)
{
    editor *e;

    el_get(line, EL_CLIENTDATA, &e);
    return (char *)e->prompt;
}

editor *open_editor(void)
{
    editor *e = calloc(1, sizeof *e);
    const char *terminal = getenv("TERM");
    HistEvent event;

    /* Terminals speak UTF-8, also where nobody has said so. */
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    if (e) {
        e->line = el_init("bombus", stdin, stdout, stderr);
        e->history = history_init();
    }
    if (!e || !e->line || !e->history) {
        complain("the terminal cannot be edited: %s", strerror(errno ? errno : ENOMEM));
        close_editor(e);
        return NULL;
    }
    e->prompt = "";
    e->pastes = terminal && strcmp(terminal, "dumb") != 0;
    history(e->history, &event, H_SETSIZE, HISTORY_SIZE);
    history(e->history, &event, H_SETUNIQUE, 1);
    load_history(e);
    el_set(e->line, EL_CLIENTDATA, e);
    el_set(e->line, EL_HIST, history, e->history);
    el_set(e->line, EL_PROMPT, show_prompt);
    el_set(e->line, EL_GETCFN, read_character);
    el_set(e->line, EL_EDITOR, "emacs");
    el_set(e->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(e->line, NULL); /* the user's ~/.editrc */
    if (e->pastes) {
        /* Wide, since libedit copies narrow names and never frees the copies. */
        el_wset(e->line, EL_ADDFN, L"bombus-insert-paste", L"Insert pasted text with its newlines", insert_paste);
        el_set(e->line, EL_BIND, "\\e[200~", "bombus-insert-paste", NULL);
    }
    return e;
}

void close_editor(editor *e)
{
    if (!e)
        return;
    if (e->line)
        el_end(e->line);
    if (e->history)
        history_end(e->history);
    free(e->file);
    free(e);
}

line_kind edit_line(editor *e, const char *prompt, const char **line, size_t *bytes)
{
    struct sigaction old[OWN_SIGNALS];
    int count = 0;

    interrupted = 0;
    e->prompt = prompt;
    e->not_utf8 = e->held = false;
    take_signals(e, old);
    /* Before the prompt is seen: libedit does it afterwards, and what is typed in between the terminal would take for itself. */
    el_set(e->line, EL_PREP_TERM, 1);
    bracket_pastes(e, true);
    const char *text = el_gets(e->line, &count);
    bracket_pastes(e, false);
    if (ending)
        el_set(e->line, EL_PREP_TERM, 0);
    give_signals_back(e, old);

    if (!text || count <= 0)
        return !interrupted ? LINE_END : e->was_empty ? LINE_INTERRUPTED_EMPTY : LINE_INTERRUPTED;
    *line = text;
    *bytes = (size_t)count - (text[count - 1] == '\n');
    return e->not_utf8 ? LINE_NOT_UTF8 : LINE_READ;
}
