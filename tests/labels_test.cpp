#include "data/labels.h"

#include "base/error.h"
#include "catch.h"
#include "data/idx.h"
#include "refusal_of.h"

using namespace inoculate;
using namespace std::string_literals;

namespace {

Labels parse(const std::string& text) {
  return parse_labels(Bytes(text.begin(), text.end()), "labels");
}

// One-dimensional or not: `shape` is text such as "(3,)".
std::string npy(const std::string& descr, const std::string& shape, const std::string& values) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  return "\x93NUMPY\001\000v\000"s + header + "\n" + values;
}

std::string refusal(const std::string& file) {
  return refusal_of([&] { parse(file); });
}

}  // namespace

TEST_CASE("labels are read from text with a number a line", "[data]") {
  const Labels labels{7, 2, 10};
  for (const char* text : {"7\n2\n10\n", "7\n2\n10", "7\r\n2\r\n10\r\n", " 7\n2 \n\t10\n\n \n",
                           "\xef\xbb\xbf"
                           "7\n2\n10\n",
                           // numpy.savetxt
                           "7.000000000000000000e+00\n2.000000000000000000e+00\n"
                           "1.000000000000000000e+01\n"}) {
    CAPTURE(text);
    CHECK(parse(text) == labels);
  }
}

TEST_CASE("labels are read from arrays and IDX", "[data]") {
  CHECK(parse(npy("|u1", "(3,)", "\007\002\011")) == Labels{7, 2, 9});
  CHECK(parse(npy("<i8", "(1,)", "\003\000\000\000\000\000\000\000"s)) == Labels{3});
  CHECK(parse(npy(">i4", "(2, 1)", "\000\000\000\003\000\000\000\005"s)) == Labels{3, 5});
  const Bytes idx = write_idx_labels({4, 0, 9});
  CHECK(parse_labels(idx, "labels") == Labels{4, 0, 9});
  // Python's gzip.compress of the labels 1, 2, 3 as IDX.
  CHECK(
      parse("\037\213\010\000\000\000\000\000\002\003c`\340`d```fdb\006\000\213\345\275\244\013\000"
            "\000\000"s) == Labels{1, 2, 3});
}

TEST_CASE("what is not a file of labels is refused, and its place named", "[data]") {
  const std::string line = ", which is not a label; write a class, counted from 0, on each line";
  CHECK(refusal("7\nseven\n3\n") == "labels: line 2 is 'seven'" + line);
  CHECK(refusal("7\n\n3\n") == "labels: line 2 is ''" + line);
  CHECK(refusal("7, 2, 1\n") == "labels: line 1 is '7, 2, 1'" + line);
  CHECK(refusal("1.5\n") == "labels: line 1 is '1.5'" + line);
  CHECK(refusal("4/2\n") == "labels: line 1 is '4/2'" + line);
  CHECK(refusal("0\n-1\n") == "labels: line 2 is '-1'" + line);
  CHECK(refusal("2147483648\n") == "labels: line 1 is '2147483648'" + line);
  CHECK(refusal("<html>404</html>\n") == "labels: line 1 is '<html>404</html>'" + line);
  CHECK(refusal("") == "labels: holds no labels; write a class an image");
  CHECK(refusal("\n\n") == "labels: holds no labels; write a class an image");
  CHECK(refusal("PK\003\004........").find("labels: is a ZIP archive, not a file of labels; ") ==
        0);
  CHECK(refusal("\001\002") ==
        "labels: is not a file of labels; write .npy, IDX, or text with a number a line");
  CHECK(refusal(npy("<i2", "(2,)", "\001\000\377\377"s)) ==
        "labels: label number 1 is -1; labels are classes, counted from 0");
  CHECK(refusal(npy("<i8", "(1,)", "\000\000\000\200\000\000\000\000"s)) ==
        "labels: label number 0 is 2147483648; labels are classes, counted from 0");
  CHECK(refusal(npy("<f4", "(1,)", "\000\000\000\000"s)) ==
        "labels: holds floats where integers are wanted; write it as uint8 or int64");
  CHECK(refusal(npy("|u1", "(1, 2)", "\000\001"s)) ==
        "labels: has 2 dimensions where labels have one, [N]; write a class an image (of one-hot "
        "rows numpy.argmax(..., axis=1))");
  CHECK(refusal("\000\000\010\003\000\000\000\001"s).find("labels: holds images where labels") ==
        0);
}

TEST_CASE("labels must be classes of the network that they meet", "[data]") {
  CHECK_NOTHROW(require_labels({0, 9, 3}, 10, "labels.txt"));
  CHECK_THROWS_WITH(require_labels({0, 10, 3}, 10, "labels.txt"),
                    "labels.txt: label number 1 is 10, but the network has only 10 classes, 0 to "
                    "9; give labels that fit the network");
}
