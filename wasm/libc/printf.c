/* snprintf and its kin, in place of the C library's, which carry wide characters, streams and exact decimals of any
 * length: 4 kB of the download, without which 260 kB for the core with threads could not be held. Here is what messages
 * and JSON use:
 *
 *   %d %u %x (with l, ll, z; %04x), %c, %s (%.60s), %p, %%, and %g (%.9g) of doubles.
 *
 * A number in %g is right in its last digit where the power of ten is exact (up to 1e22), and within one of it else;
 * nine digits of a float are always enough to read the same float. Other conversions end the text with "%?". */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 24, DEFAULT_PRECISION = 6, MOST_PRECISION = 17 };

/* count continues beyond the size, as callers ask how long the text would have been. */
typedef struct sink {
  char *to;
  size_t size, count;
} sink;

typedef struct conversion {
  char letter;
  bool zeros;
  int width, precision; /* -1: not given */
  int longs;            /* of 'l' */
} conversion;

typedef struct arguments {
  va_list list;
} arguments;

static void put(sink *s, char c) {
  if (s->count + 1 < s->size) s->to[s->count] = c;
  s->count++;
}

static void put_text(sink *s, const char *text, size_t most) {
  for (size_t i = 0; i < most && text[i] != '\0'; i++) put(s, text[i]);
}

static void put_unsigned(sink *s, uint64_t value, unsigned base, int width, char fill) {
  char digits[DIGITS];
  int n = 0;
  do {
    digits[n++] = "0123456789abcdef"[value % base];
  } while ((value /= base) != 0);
  for (int i = n; i < width; i++) put(s, fill);
  while (n > 0) put(s, digits[--n]);
}

/* value * 10^power with one rounding where 10^|power| is exact. */
static double scaled(double value, int power) {
  double factor = 1;
  int left = power < 0 ? -power : power;
  /* Denormals need more than the largest power of ten there is. */
  for (; left > 300; left--) value = power < 0 ? value / 10 : value * 10;
  for (; left > 0; left--) factor *= 10;
  return power < 0 ? value / factor : value * factor;
}

/* The exponent of a positive number in decimal notation, and its first digits as a whole number. */
static int decimal(double value, int precision, uint64_t *out_digits) {
  int exponent = (int)floor(log10(value));
  uint64_t least = 1;
  for (int i = 1; i < precision; i++) least *= 10;
  uint64_t digits = (uint64_t)rint(scaled(value, precision - 1 - exponent));
  if (digits < least) digits = (uint64_t)rint(scaled(value, precision - 1 - --exponent));
  if (digits >= 10 * least) {
    exponent++;
    digits = (uint64_t)rint(scaled(value, precision - 1 - exponent));
  }
  *out_digits = digits;
  return exponent;
}

/* Digits of a whole number with a point behind the first `before` of them; zeros at its end are left away. */
static void put_digits(sink *s, uint64_t digits, int count, int before) {
  char text[DIGITS];
  sink all = {text, sizeof text, 0};
  put_unsigned(&all, digits, 10, count, '0');
  while (count > 1 && count > before && text[count - 1] == '0') count--;
  if (before <= 0) put_text(s, "0.", 2);
  for (int i = before; i < 0; i++) put(s, '0');
  for (int i = 0; i < count; i++) {
    if (i == before && i > 0) put(s, '.');
    put(s, text[i]);
  }
}

static void put_double(sink *s, double value, int precision) {
  if (signbit(value)) put(s, '-');
  if (!isfinite(value) || value == 0) {
    put_text(s, isnan(value) ? "nan" : value == 0 ? "0" : "inf", 3);
    return;
  }
  if (precision < 1 || precision > MOST_PRECISION) precision = DEFAULT_PRECISION;
  uint64_t digits = 0;
  const int exponent = decimal(fabs(value), precision, &digits);
  if (exponent >= -4 && exponent < precision) {
    put_digits(s, digits, precision, exponent + 1);
    return;
  }
  put_digits(s, digits, precision, 1);
  put_text(s, exponent < 0 ? "e-" : "e+", 2);
  put_unsigned(s, (uint64_t)(exponent < 0 ? -exponent : exponent), 10, 2, '0');
}

static int64_t signed_argument(const conversion *c, arguments *args) {
  if (c->longs > 1) return va_arg(args->list, long long);
  return c->longs == 1 ? va_arg(args->list, long) : va_arg(args->list, int);
}

static uint64_t unsigned_argument(const conversion *c, arguments *args) {
  if (c->letter == 'p') return (uintptr_t)va_arg(args->list, void *);
  if (c->longs > 1) return va_arg(args->list, unsigned long long);
  return c->longs == 1 ? va_arg(args->list, unsigned long) : va_arg(args->list, unsigned);
}

static void put_argument(sink *s, const conversion *c, arguments *args) {
  switch (c->letter) {
    case 'd': {
      const int64_t value = signed_argument(c, args);
      if (value < 0) put(s, '-');
      put_unsigned(s, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, 0, ' ');
      break;
    }
    case 'u':
    case 'x':
    case 'p':
      put_unsigned(s, unsigned_argument(c, args), c->letter == 'u' ? 10 : 16, c->width,
                   c->zeros ? '0' : ' ');
      break;
    case 'c':
      put(s, (char)va_arg(args->list, int));
      break;
    case 's':
      put_text(s, va_arg(args->list, const char *), (size_t)c->precision);
      break;
    case 'g':
      put_double(s, va_arg(args->list, double), c->precision);
      break;
    default:
      put_text(s, c->letter == '%' ? "%" : "%?", 2);
  }
}

static int number(const char **at) {
  int value = 0;
  while (**at >= '0' && **at <= '9') value = 10 * value + (*(*at)++ - '0');
  return value;
}

/* Reads what stands behind a '%'. */
static conversion read_conversion(const char **at) {
  conversion c = {.precision = -1};
  c.zeros = **at == '0';
  c.width = number(at);
  if (**at == '.') {
    ++*at;
    c.precision = number(at);
  }
  for (; **at == 'l' || **at == 'z'; ++*at) {
    c.longs += **at == 'l' ? 1 : sizeof(size_t) / sizeof(long);
  }
  c.letter = **at;
  if (**at != '\0') ++*at;
  return c;
}

int vsnprintf(char *restrict to, size_t size, const char *restrict format, va_list list) {
  sink s = {to, size, 0};
  arguments args;
  va_copy(args.list, list);
  for (const char *at = format; *at != '\0';) {
    const char c = *at++;
    if (c == '%') {
      const conversion how = read_conversion(&at);
      put_argument(&s, &how, &args);
    } else {
      put(&s, c);
    }
  }
  va_end(args.list);
  if (size > 0) to[s.count < size ? s.count : size - 1] = '\0';
  return (int)s.count;
}

int snprintf(char *restrict to, size_t size, const char *restrict format, ...) {
  va_list list;
  va_start(list, format);
  const int count = vsnprintf(to, size, format, list);
  va_end(list);
  return count;
}

/* The name that the compiler gives to calls of sprintf without floating point; Embind has one. */
int siprintf(char *restrict to, const char *restrict format, ...);
int siprintf(char *restrict to, const char *restrict format, ...) {
  va_list list;
  va_start(list, format);
  const int count = vsnprintf(to, SIZE_MAX, format, list);
  va_end(list);
  return count;
}
