/* conversation.h: messages as a chat template takes them. */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include "parts.h"

typedef enum message_role { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT, ROLE_OTHER } message_role;

typedef struct message {
    char *json; /* the object, as it was written */
    message_role role;
} message;

/* Begin with a zeroed struct, end with drop_messages(..., 0) and free(items). */
typedef struct conversation {
    message *items; /* [count] */
    size_t count, capacity;
} conversation;

/* Each complains, leaves the conversation as it was and returns false where it fails. name stands in complaints. */
bool add_text(conversation *to, message_role role, const char *name, const char *text, size_t bytes);
bool add_answer(conversation *to, const parts *answer);
/* All messages of a JSON array, which a template has rendered and so found well formed. */
bool add_messages(conversation *to, const char *array, const char *name);

/* Drops all but the first count messages. */
void drop_messages(conversation *from, size_t count);

/* A JSON array, a message a line, which the caller frees; NULL after a complaint. */
char *conversation_json(const conversation *from);

/* The system prompt, which the caller frees; NULL where there is none, or none that is a text. */
char *system_prompt_of(const conversation *from);

#endif
