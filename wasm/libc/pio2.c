/* What is left of a large angle beyond multiples of pi/2, for the C library's sine, cosine and tangent, in place of
 * its own function, whose table of 2/pi (for numbers of 128 bits) and loops for any precision take 3 kB of the
 * download (of 260 that it may be).
 *
 * An angle is m * 2^k with m of 53 bits. m * 2^k * 2/pi is wanted modulo 4, so the bits of 2/pi that make multiples of
 * 4 are passed over, and 192 bits behind them are enough: the fraction of no double is below 2^-62 (Payne and
 * Hanek). */
#include <stdint.h>

enum { WORD = 64, LEAST_EXPONENT = -WORD };

/* 64 bits of zeros, then the fraction of 2/pi, for exponents of doubles up to 1023. */
static const uint64_t TWO_BY_PI[] = {
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
};

/* 64 bits of the table, from the given one on. */
static uint64_t bits_from(unsigned bit) {
  const unsigned word = bit / WORD, shift = bit % WORD;
  if (shift == 0) return TWO_BY_PI[word];
  return TWO_BY_PI[word] << shift | TWO_BY_PI[word + 1] >> (WORD - shift);
}

static uint64_t high_product(uint64_t a, uint64_t b) {
  return (uint64_t)((unsigned __int128)a * b >> WORD);
}

/* 2^-64 * high + 2^-128 * low times pi/2 as a sum of two doubles, high >= 1. The fraction and pi/2 are taken apart into
 * pieces of 26 bits, whose products are exact. */
static void times_half_pi(uint64_t high, uint64_t low, double sign, double *y) {
  static const double PI_BY_2[3] = {0x1.921fb50000000p+0, 0x1.110b460000000p-26,
                                    0x1.1a62633145c07p-54};
  double scale = 0x1p-26;
  while (high >> (WORD - 1) == 0) {
    high = high << 1 | low >> (WORD - 1);
    low <<= 1;
    scale *= 0.5;
  }
  const double f0 = (double)(high >> 38) * scale;
  const double f1 = (double)(high >> 12 & 0x3ffffff) * (scale * 0x1p-26);
  const double f2 = (double)((high & 0xfff) << 14 | low >> 50) * (scale * 0x1p-52);
  const double most = f0 * PI_BY_2[0];
  const double middle = f0 * PI_BY_2[1] + f1 * PI_BY_2[0];
  const double least = f0 * PI_BY_2[2] + f1 * PI_BY_2[1] + f2 * PI_BY_2[0];
  const double sum = most + middle, rest = most - sum + middle + least, total = sum + rest;
  y[0] = sign * total;
  y[1] = sign * (sum - total + rest);
}

/* As in the C library: x has 1 to 3 pieces of 24 bits, the first one times 2^exponent; the result is the number of
 * quarter turns, modulo 4, and y[0] + y[1] what is left, in -pi/4 to pi/4. y[1] is not set for precision 0. */
int __rem_pio2_large(double *x, double *y, int exponent, int pieces, int precision);
int __rem_pio2_large(double *x, double *y, int exponent, int pieces, int precision) {
  uint64_t m = (uint64_t)x[0] << 29;
  if (pieces > 1) m |= (uint64_t)x[1] << 5;
  if (pieces > 2) m |= (uint64_t)x[2] >> 19;
  /* The first bit that counts is worth 2 when it is multiplied with the last bit of m. */
  const unsigned first = (unsigned)(exponent - 29 - 2 - LEAST_EXPONENT);
  const uint64_t w0 = bits_from(first), w1 = bits_from(first + WORD),
                 w2 = bits_from(first + 2 * WORD);
  const unsigned __int128 low = (unsigned __int128)m * w1 + high_product(m, w2);
  const uint64_t r2 = m * w2, r1 = (uint64_t)low, r0 = m * w0 + (uint64_t)(low >> WORD);
  int turns = (int)(r0 >> (WORD - 2));
  uint64_t f0 = r0 << 2 | r1 >> (WORD - 2), f1 = r1 << 2 | r2 >> (WORD - 2);
  double sign = 1, parts[2];
  if (f0 >> (WORD - 1) != 0) {
    turns++;
    sign = -1;
    f1 = -f1;
    f0 = ~f0 + (f1 == 0);
  }
  times_half_pi(f0 | (f0 == 0), f1, sign, parts);
  y[0] = parts[0];
  if (precision > 0) y[1] = parts[1];
  return turns & 3;
}
