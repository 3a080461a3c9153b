/*
 * Functions that do not compile here, and what to use instead. Included before
 * everything else by the compiler's command line (Makefile, CPPFLAGS).
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* The system's headers declare these names, so they come first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define BANNED(function) sorry_##function##_is_banned

#undef strcpy
#define strcpy(...) BANNED(strcpy) /* struct buf */
#undef strncpy
#define strncpy(...) BANNED(strncpy) /* struct buf */
#undef strcat
#define strcat(...) BANNED(strcat) /* struct buf */
#undef strncat
#define strncat(...) BANNED(strncat) /* struct buf */
#undef stpcpy
#define stpcpy(...) BANNED(stpcpy) /* struct buf */
#undef sprintf
#define sprintf(...) BANNED(sprintf) /* buf_addf, snprintf */
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf) /* buf_addf, vsnprintf */
#undef strtok
#define strtok(...) BANNED(strtok) /* str_cut */
#undef strtok_r
#define strtok_r(...) BANNED(strtok_r) /* str_cut */
#undef atoi
#define atoi(...) BANNED(atoi) /* str_to_int64 */
#undef atol
#define atol(...) BANNED(atol) /* str_to_int64 */
#undef gmtime
#define gmtime(...) BANNED(gmtime) /* gmtime_r */
#undef localtime
#define localtime(...) BANNED(localtime) /* localtime_r */
#undef ctime
#define ctime(...) BANNED(ctime) /* strftime */
#undef asctime
#define asctime(...) BANNED(asctime) /* strftime */
#undef alloca
#define alloca(...) BANNED(alloca) /* struct arena */
#undef system
#define system(...) BANNED(system) /* sys/process.h */
#undef popen
#define popen(...) BANNED(popen) /* sys/process.h */
#undef mktemp
#define mktemp(...) BANNED(mktemp) /* sys/fs.h */
#undef tmpnam
#define tmpnam(...) BANNED(tmpnam) /* sys/fs.h */

#endif
