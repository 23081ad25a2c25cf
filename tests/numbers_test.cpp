// Numbers and lists as people type them.
#include "base/numbers.h"

#include "catch.h"

using namespace inoculate;

TEST_CASE("Numbers are decimal or fractions of two such", "[numbers]") {
  const std::vector<std::pair<std::string, double>> numbers = {{"0", 0},
                                                               {"0.1", 0.1},
                                                               {" 0.1 ", 0.1},
                                                               {"1e-3", 1e-3},
                                                               {"8/255", 8.0 / 255},
                                                               {" 8 / 255", 8.0 / 255},
                                                               {"-1/2", -0.5},
                                                               {"0.5/255", 0.5 / 255},
                                                               {".25", 0.25},
                                                               {"1E2", 100},
                                                               {"0/7", 0}};
  for (const auto& [text, value] : numbers) {
    INFO(text);
    REQUIRE(parse_number(text));
    CHECK(*parse_number(text) == value);
  }
  for (const char* text : {"",      " ",   "/",    "8/",           "/255",  "8/0", "1/2/3",
                           "nan",   "inf", "-inf", "0x10",         "1e999", "abc", "0.1.2",
                           "8:255", "1,5", "0.1f", "1e300/1e-300", "1 2",   "--1", "\xc2\xbd"}) {
    INFO(text);
    CHECK(!parse_number(text));
  }
}

TEST_CASE("Lists are split at commas, with or without blanks", "[numbers]") {
  using List = std::vector<std::string>;
  CHECK(split_list("0.1, 0.2") == List{"0.1", "0.2"});
  CHECK(split_list("0.1,0.2") == List{"0.1", "0.2"});
  CHECK(split_list("  fgsm\t, pgd , 8/255 ") == List{"fgsm", "pgd", "8/255"});
  CHECK(split_list("a,,b") == List{"a", "", "b"});
  CHECK(split_list("") == List{""});
}

TEST_CASE("A size of 8 in L-inf is taken for 8 of 255", "[numbers]") {
  CHECK(!linf_mistake(0));
  CHECK(!linf_mistake(8.0 / 255));
  CHECK(!linf_mistake(1));
  const auto mistake = [](double size) { return linf_mistake(size).value_or("none"); };
  CHECK(mistake(8) ==
        "8 is more than 1, the whole range of a pixel; 8 of 255 is 0.0314 (write 8/255)");
  CHECK(mistake(1.5).ends_with("1.5 of 255 is 0.00588 (write 1.5/255)"));
  CHECK(mistake(1000).ends_with("give a size from 0 to 1"));
  CHECK(mistake(-0.1).ends_with("give a size from 0 to 1"));
}
