// The progress bar and the plain lines, on a clock that the test turns.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "native/progress.h"
#include "skip.h"

using namespace inoculate;

namespace {

constexpr ProgressStyle kLive{true, false, 80};
constexpr ProgressStyle kPlain{};

/// A Progress on a string and a clock of its own.
struct Bench {
  std::ostringstream out;
  double now = 100;
  Progress progress;
  explicit Bench(ProgressStyle style) : progress(out, style, [this] { return now; }) {}

  /// Everything drawn, one redraw or line each, as written.
  std::vector<std::string> draws() const {
    std::vector<std::string> result(1);
    for (const char c : out.str()) {
      if (c == '\r' || c == '\n') {
        result.emplace_back();
      } else {
        result.back() += c;
      }
    }
    std::erase(result, "");
    return result;
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Without a terminal there is one line an epoch and nothing else", "[progress]") {
  Bench bench(kPlain);
  bench.progress.begin_epoch(3, 20);
  for (int i = 1; i <= 938; ++i) {
    bench.now += 0.001;
    bench.progress.step(i, 938, 0.1, 0.9);
  }
  CHECK(bench.out.str().empty());
  bench.now = 101.52;
  bench.progress.epoch_done({0.0412, 0.9871}, Score{0.0391, 0.9876});
  CHECK(bench.out.str() ==
        "epoch 3/20  loss 0.0412  accuracy 0.9871  validation 0.0391 / 0.9876  1.52 s\n");
}

TEST_CASE("Other work is told with its own words", "[progress]") {
  Bench bench(kPlain);
  bench.progress.begin("FGSM");
  bench.progress.step(5000, 10000);
  bench.now += 0.25;
  bench.progress.done("10000 images  accuracy 0.2220");
  bench.progress.begin_epoch(1, 1);
  bench.progress.epoch_done({17.2824, 0.017});
  CHECK(bench.out.str() ==
        "FGSM  10000 images  accuracy 0.2220  0.25 s\n"
        "epoch 1/1  loss 17.2824  accuracy 0.0170  0.00 s\n");
}

TEST_CASE("In a terminal a bar shows the share done, the metrics and the time", "[progress]") {
  Bench bench({true, false, 120});
  bench.progress.begin_epoch(3, 20);
  bench.now += 1.2;
  bench.progress.step(469, 938, 0.04123, 0.98712);
  // 30 cells, half of them full, and half of the work left.
  CHECK(bench.out.str() ==
        "\rEpoch 3/20  [===============>..............] 469/938  loss 0.0412  accuracy 0.9871  1.2 "
        "s  left 1.2 s");
}

TEST_CASE("The epoch's results cover the whole bar and end the line", "[progress]") {
  Bench bench(kLive);
  bench.progress.begin_epoch(3, 20);
  bench.progress.step(938, 938, 0.04, 0.98);
  bench.now += 2;
  bench.progress.epoch_done({0.0412, 0.9871});
  const auto draws = bench.draws();
  REQUIRE(draws.size() == 2);
  CHECK(contains(draws[0], "=] 938/938"));
  CHECK(contains(draws[1], "Epoch 3/20  loss 0.0412  accuracy 0.9871  2.00 s"));
  CHECK(draws[1].size() >= draws[0].size());
  CHECK(bench.out.str().back() == '\n');
}

TEST_CASE("The bar fits its terminal whatever it has to say", "[progress]") {
  for (const int columns : {1, 10, 20, 33, 40, 60, 80, 132}) {
    for (const double loss : {0.04, 17.2824, 1e30, std::nan(""), -HUGE_VAL}) {
      for (const int total : {0, 7, 938, 2'000'000'000}) {
        Bench bench({true, false, columns});
        bench.progress.begin_epoch(12, 20);
        for (const int done : {0, total / 3, total / 2, total, total}) {
          bench.now += 4321.0 / 7;
          bench.progress.step(done, total, loss, 0.5);
        }
        const auto draws = bench.draws();
        CHECK(draws.size() == 5);
        for (const auto& draw : draws) {
          INFO(columns << " columns: " << draw);
          CHECK(draw.size() <= static_cast<std::size_t>(std::max(columns - 1, 1)));
        }
      }
    }
  }
}

TEST_CASE("Bars keep their width while the count grows", "[progress]") {
  Bench bench(kLive);
  bench.progress.begin_epoch(1, 20);
  std::vector<std::size_t> ends;
  for (int i = 900; i <= 10000; i += 1000) {  // Three digits, then four.
    bench.now += 0.1;
    bench.progress.step(i, 10000, 0.1, 0.9);
  }
  for (const auto& draw : bench.draws()) ends.push_back(draw.find(']'));
  REQUIRE(ends.size() == 10);
  CHECK(std::equal(ends.begin() + 1, ends.end(), ends.begin()));
}

TEST_CASE("At most twenty redraws a second, and always the last step", "[progress]") {
  Bench bench(kLive);
  bench.progress.begin_epoch(1, 1);
  for (int i = 1; i <= 5000; ++i) {
    bench.now += 0.0002;
    bench.progress.step(i, 5000, 0.1, 0.9);
  }
  const auto draws = bench.draws();
  CHECK(draws.size() >= 18);
  CHECK(draws.size() <= 22);
  CHECK(contains(draws.back(), "5000/5000"));
  const auto before = bench.out.str().size();
  bench.progress.step(5000, 5000, 0.1, 0.9);
  CHECK(bench.out.str().size() == before);
}

TEST_CASE("Colour is used only when asked for, and does not count as width", "[progress]") {
  Bench plain(kLive);
  Bench coloured({true, true, 80});
  for (Bench* bench : {&plain, &coloured}) {
    bench->progress.begin_epoch(1, 2);
    bench->progress.step(1, 2, 0.1, 0.9);
    bench->progress.epoch_done({0.1, 0.9});
  }
  CHECK(!contains(plain.out.str(), "\033"));
  std::string stripped = coloured.out.str();
  CHECK(contains(stripped, "\033[32m"));
  for (const std::string code : {"\033[32m", "\033[0m"}) {
    for (auto at = stripped.find(code); at != std::string::npos; at = stripped.find(code)) {
      stripped.erase(at, code.size());
    }
  }
  CHECK(stripped == plain.out.str());
}

TEST_CASE("An interrupted bar gives the next message a fresh line", "[progress]") {
  std::ostringstream out;
  {
    Progress progress(out, kLive);
    progress.begin("FGSM");
    progress.step(1, 10);
    progress.pause();
    CHECK(out.str().back() == '\n');
    const auto size = out.str().size();
    progress.pause();
    CHECK(out.str().size() == size);
    progress.begin("again");
    progress.step(1, 10);
    CHECK(out.str().back() != '\n');
  }
  CHECK(out.str().back() == '\n');
}

TEST_CASE("Lengths of time read well", "[progress]") {
  CHECK(duration_text(0) == "0.00 s");
  CHECK(duration_text(1.524) == "1.52 s");
  CHECK(duration_text(9.999) == "10.0 s");
  CHECK(duration_text(59.96) == "1 min 00 s");
  CHECK(duration_text(125) == "2 min 05 s");
  CHECK(duration_text(312.8) == "5 min 13 s");
  CHECK(duration_text(3599.7) == "1 h 00 min");
  CHECK(duration_text(7325) == "2 h 02 min");
  CHECK(duration_text(std::nan("")) == "?");
  CHECK(duration_text(-1) == "?");
  CHECK(!duration_text(HUGE_VAL).empty());
}

TEST_CASE("The style follows the terminal, TERM and NO_COLOR", "[progress]") {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) {
    return skip("no terminal can be made here");
  }
  const int end = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  const int file = ::open("/dev/null", O_WRONLY);
  const int saved = ::dup(STDERR_FILENO);
  REQUIRE((end >= 0 && file >= 0 && saved >= 0));
  winsize size{};
  size.ws_col = 63;
  ::ioctl(end, TIOCSWINSZ, &size);

  // Taken first and checked afterwards: a failing check would write to the terminal made here.
  const auto style = [](int descriptor, const char* term, const char* no_color) {
    ::dup2(descriptor, STDERR_FILENO);
    term != nullptr ? ::setenv("TERM", term, 1) : ::unsetenv("TERM");
    no_color != nullptr ? ::setenv("NO_COLOR", no_color, 1) : ::unsetenv("NO_COLOR");
    return stderr_style();
  };
  const ProgressStyle usual = style(end, "xterm", nullptr);
  const ProgressStyle empty_wish = style(end, "xterm", "");
  const ProgressStyle grey = style(end, "xterm", "1");
  const ProgressStyle dumb = style(end, "dumb", nullptr);
  const ProgressStyle unset = style(end, nullptr, nullptr);
  const ProgressStyle piped = style(file, "xterm", nullptr);
  ::dup2(saved, STDERR_FILENO);
  for (const int descriptor : {saved, file, end, terminal}) ::close(descriptor);

  CHECK((usual.live && usual.colour && usual.columns == 63));
  CHECK(empty_wish.colour);
  CHECK((grey.live && !grey.colour));
  CHECK((!dumb.live && !dumb.colour));
  CHECK((!unset.live && !unset.colour));
  CHECK((!piped.live && !piped.colour));
}
