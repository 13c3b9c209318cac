/*
 * items/order_number: numbers for people to read aloud: "A1B2-C3D4", without 0, O, 1 or I.
 *
 * Layer: domain, pure.  The numbers are a secret shuffle of 0 … 2^40 - 1: whoever counts upwards
 * never meets the same one twice, and who knows some can't guess the others.
 */
#ifndef FCGI_ITEMS_ORDER_NUMBER_H
#define FCGI_ITEMS_ORDER_NUMBER_H

#include <stdint.h>

#define ORDER_NUMBER_SIZE      10 /* with its NUL */
#define ORDER_NUMBER_COUNT     (INT64_C(1) << 40)
#define ORDER_NUMBER_KEY_BYTES 32

/* The number at PLACE (0 … ORDER_NUMBER_COUNT - 1) of the shuffle that KEY makes. */
void order_number_make(
    const uint8_t key[ORDER_NUMBER_KEY_BYTES], int64_t place, char out[ORDER_NUMBER_SIZE]);

#endif
