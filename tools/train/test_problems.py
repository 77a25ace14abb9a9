"""python3 -m unittest, in this folder; needs nothing but Python."""
import random
import re
import unittest

import data
import problems

BOXED = re.compile(r"\\boxed\{(-?\d+)\}")


class Thoughts(unittest.TestCase):
    def test_work_gives_the_result_that_the_box_has(self):
        rng = random.Random(1)
        for _ in range(3000):
            a, op, b = problems.problem(rng, problems.ALL)
            thought, wrong = problems.think(a, op, b)
            result = re.search(r"(\d+)\ncheck", thought)[1]
            self.assertEqual(int(result), abs(problems.answer(a, op, b)))
            self.assertTrue(thought.endswith("ok\n"))
            self.assertEqual(wrong, [])

    def test_a_slip_is_found_by_the_check_and_put_right(self):
        rng, slipped = random.Random(2), 0
        for _ in range(3000):
            a, op, b = problems.problem(rng, problems.ALL)
            thought, wrong = problems.think(a, op, b, rng, slips=True)
            if not wrong:
                continue
            slipped += 1
            first, second = thought.split("again\n")
            self.assertTrue(first.endswith("no\n"))
            self.assertEqual(second, problems.think(a, op, b)[0])
            self.assertTrue(all(end <= len(first) for _, end in wrong))
        self.assertGreater(slipped, 2500)

    def test_below_zero(self):
        self.assertEqual(problems.think(3, "-", 10)[0], "3-10:3-0-0=03>3\n-1:0-1-0=19>93\n-(10-3)\n10-3:0-3-0=17>7\n1-:1-0-1=00>07\ncheck 3:3 7:7 10:11\n3+7=1,1 ok\n")


class HeldOut(unittest.TestCase):
    def test_both_orders_of_a_sum_are_one_problem(self):
        self.assertTrue(problems.held_out(47, "+", 385))
        rng = random.Random(3)
        for _ in range(1000):
            a, b = rng.randrange(10**5), rng.randrange(10**5)
            self.assertEqual(problems.held_out(a, "+", b), problems.held_out(b, "+", a))

    def test_one_of_twenty(self):
        rng = random.Random(4)
        share = sum(problems.held_out(rng.randrange(10**5), op, rng.randrange(10**5)) for op in "+-*" for _ in range(20000)) / 60000
        self.assertAlmostEqual(share, 0.05, delta=0.005)

    def test_none_is_asked_in_training(self):
        rng = random.Random(5)
        self.assertFalse(any(problems.held_out(*problems.problem(rng, problems.ALL)) for _ in range(5000)))
        self.assertTrue(all(problems.held_out(*problems.problem(rng, problems.ALL, held=True)) for _ in range(500)))


class Rows(unittest.TestCase):
    def test_arithmetic_ends_in_a_box_and_other_questions_do_not(self):
        rng = random.Random(6)
        for _ in range(2000):
            prompt, completion, _ = data.row(rng, problems.ALL)
            self.assertTrue(prompt.startswith(data.BOS) and prompt.endswith(f"{data.ASSISTANT}{data.THINK}\n"))
            self.assertTrue(completion.endswith(data.EOS))
            self.assertEqual(len(BOXED.findall(completion)), 0 if completion.startswith(data.prompts.NOT_MINE) else 1)

    def test_a_mistaken_number_is_another(self):
        rng = random.Random(7)
        for n in [0, 7, 11, -30, 444, 100] * 100:
            self.assertNotEqual(data.mistaken(rng, n), n)


if __name__ == "__main__":
    unittest.main()
