/* Requests that are ready to be sent, and those that wait for another attempt. */
#include "store/http_parts.h"

void http_queue_push(struct http_queue *queue, struct http_ticket *ticket)
{
    ticket->next = NULL;
    if (queue->last) {
        queue->last->next = ticket;
    } else {
        queue->first = ticket;
    }
    queue->last = ticket;
    queue->count++;
}

void http_queue_push_front(struct http_queue *queue, struct http_ticket *ticket)
{
    ticket->next = queue->first;
    queue->first = ticket;
    if (!queue->last) {
        queue->last = ticket;
    }
    queue->count++;
}

struct http_ticket *http_queue_pop(struct http_queue *queue)
{
    struct http_ticket *ticket = queue->first;

    if (ticket) {
        queue->first = ticket->next;
        if (!queue->first) {
            queue->last = NULL;
        }
        queue->count--;
    }
    return ticket;
}

void http_wait(struct http *http, struct http_ticket *ticket)
{
    if (http->waiting.count == 0 || ticket->due_ms < http->next_due_ms) {
        http->next_due_ms = ticket->due_ms;
    }
    http_queue_push(&http->waiting, ticket);
}

void http_wake_due(struct http *http, uint64_t now_ms)
{
    if (http->waiting.count == 0 || now_ms < http->next_due_ms) {
        return;
    }
    struct http_queue all = http->waiting;
    http->waiting = (struct http_queue){0};
    for (struct http_ticket *ticket; (ticket = http_queue_pop(&all)) != NULL;) {
        if (ticket->due_ms <= now_ms) {
            http_queue_push_front(&http->ready, ticket);
        } else {
            http_wait(http, ticket);
        }
    }
}
