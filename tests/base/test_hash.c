/* The keyed hash, against the vectors its authors published. */
#include "base/hash.h"
#include "testing.h"

static void the_published_vectors_come_out(void **state)
{
    (void)state;
    const bb_hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    unsigned char bytes[15];
    for (unsigned char i = 0; i < 15; i++)
        bytes[i] = i;
    assert_true(bb_hash(bytes, 0, key) == 0x726fdb47dd0e0e31u);
    assert_true(bb_hash(bytes, 15, key) == 0xa129ca6149be45e5u);
}

static void a_fingerprint_knows_pieces_and_their_order(void **state)
{
    (void)state;
    const uint64_t whole = bb_fingerprint(bb_fingerprint(0, "ab", 2), "c", 1);
    assert_true(whole == bb_fingerprint(bb_fingerprint(0, "ab", 2), "c", 1));
    assert_true(whole != bb_fingerprint(bb_fingerprint(0, "a", 1), "bc", 2));
    assert_true(whole != bb_fingerprint(bb_fingerprint(0, "c", 1), "ab", 2));
    assert_true(whole != bb_fingerprint(0, "abc", 3));
    assert_true(whole != bb_fingerprint(whole, "", 0));
}

static void keys_differ_from_call_to_call(void **state)
{
    (void)state;
    const bb_hash_key a = bb_hash_key_random(), b = bb_hash_key_random();
    assert_true(a.low != b.low || a.high != b.high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors_come_out),
        cmocka_unit_test(a_fingerprint_knows_pieces_and_their_order),
        cmocka_unit_test(keys_differ_from_call_to_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
