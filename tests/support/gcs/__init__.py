"""A strict double of Google Cloud Storage's JSON API, for tests alone.

    messages.py   requests and answers: HTTP/1.1, read by the letter
    wire.py       connections, bodies
    checksums.py  CRC32C and MD5
    native.py     what is too slow in Python
    objects.py    buckets: folders whose files are the objects
    uploads.py    what is being uploaded: multipart bodies, resumable sessions
    listing.py    pages of a list
    fields.py     parts of an answer (fields=)
    answers.py    how Google says it: resources and errors
    conditions.py preconditions, ranges
    routes.py     what kind of request it is
    api.py        what each kind does
    faults.py     what goes wrong on demand
    journal.py    what was asked and answered
    server.py     threads, dispatch, the control address /_double/
    process.py    the same in a process of its own, as tests use it

It takes what real clients send, and refuses whatever Google refuses. Where
Google only warns in its manual, or lets a mistake pass unseen, it refuses too:
a parameter or a field that nobody knows, a slash in a name that is not escaped.
"""
