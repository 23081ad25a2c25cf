#include "native/pnm.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace inoculate {
namespace {

bool is_blank(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

class PnmReader {
 public:
  PnmReader(ByteView bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  ReadPicture read();

 private:
  [[noreturn]] void refuse(const std::string& why) const { refuse_damaged(name_, "PNM", why); }
  std::size_t rest() const { return bytes_.size() - at_; }
  void skip_blanks();
  std::uint64_t header_number();
  unsigned ascii_sample();
  unsigned binary_sample();
  unsigned sample() { return ascii_ ? ascii_sample() : binary_sample(); }
  void read_bits(std::vector<std::uint8_t>& row);
  void read_samples(std::vector<std::uint8_t>& row);
  void require_raster(std::uint64_t height) const;

  ByteView bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
  bool ascii_ = false;
  bool bits_ = false;  // black and white
  std::size_t channels_ = 1;
  std::size_t width_ = 0;
  unsigned most_ = 1;  // what is full light, or of bits, none
};

// Also comments, from # to the end of their line.
void PnmReader::skip_blanks() {
  while (at_ < bytes_.size() && (is_blank(bytes_[at_]) || bytes_[at_] == '#')) {
    if (bytes_[at_] == '#') {
      while (at_ < bytes_.size() && bytes_[at_] != '\n' && bytes_[at_] != '\r') ++at_;
    } else {
      ++at_;
    }
  }
}

std::uint64_t PnmReader::header_number() {
  skip_blanks();
  if (rest() == 0) refuse("its end is missing");
  if (!is_digit(bytes_[at_])) refuse("no number where one should be");
  constexpr std::uint64_t kEnough = 1'000'000'000;  // beyond all limits
  std::uint64_t value = 0;
  for (; at_ < bytes_.size() && is_digit(bytes_[at_]); ++at_) {
    value = std::min(kEnough, 10 * value + bytes_[at_] - '0');
  }
  return value;
}

unsigned PnmReader::ascii_sample() {
  if (!bits_) return static_cast<unsigned>(header_number());
  skip_blanks();  // bits may stand side by side
  if (rest() == 0) refuse("its end is missing");
  const std::uint8_t digit = bytes_[at_++];
  if (digit != '0' && digit != '1') refuse("a pixel that is neither 0 nor 1");
  return digit - unsigned{'0'};
}

unsigned PnmReader::binary_sample() {
  const unsigned high = bytes_[at_++];
  return most_ < 256 ? high : high << 8 | bytes_[at_++];
}

void PnmReader::read_bits(std::vector<std::uint8_t>& row) {
  for (std::size_t x = 0; x < width_; ++x) {
    const unsigned ink = ascii_ ? ascii_sample() : bytes_[at_ + x / 8] >> (7 - x % 8) & 1U;
    const auto grey = static_cast<std::uint8_t>(ink == 0 ? 255 : 0);
    for (std::size_t c = 0; c < 3; ++c) row[4 * x + c] = grey;
  }
  if (!ascii_) at_ += (width_ + 7) / 8;
}

void PnmReader::read_samples(std::vector<std::uint8_t>& row) {
  for (std::size_t x = 0; x < width_; ++x) {
    for (std::size_t c = 0; c < 3; ++c) {
      if (c > 0 && channels_ == 1) {
        row[4 * x + c] = row[4 * x];
        continue;
      }
      const unsigned value = sample();
      if (value > most_) {
        refuse("a pixel of " + std::to_string(value) + " where the most is " +
               std::to_string(most_));
      }
      row[4 * x + c] = static_cast<std::uint8_t>((255U * value + most_ / 2) / most_);
    }
  }
}

// The bytes that the rest of the file must have at least.
void PnmReader::require_raster(std::uint64_t height) const {
  const std::uint64_t samples = std::uint64_t{width_} * channels_;
  std::uint64_t needed = samples * height * (most_ < 256 ? 1 : 2);
  if (bits_ && !ascii_) needed = (samples + 7) / 8 * height;
  if (!bits_ && ascii_) needed = 2 * samples * height - 1;  // digits, and blanks between them
  if (rest() < needed) refuse("its end is missing");
}

ReadPicture PnmReader::read() {
  const int type = bytes_.size() < 2 ? 0 : bytes_[1] - '0';
  if (type < 1 || type > 6 || bytes_[0] != 'P') refuse("its mark is missing");
  at_ = 2;
  ascii_ = type <= 3;
  bits_ = type % 3 == 1;
  channels_ = type % 3 == 0 ? 3 : 1;
  const std::uint64_t width = header_number(), height = header_number();
  if (!bits_) {
    const std::uint64_t most = header_number();
    if (most < 1 || most > 65'535) refuse("its largest value is not within 1 and 65535");
    most_ = static_cast<unsigned>(most);
  }
  if (rest() == 0 || !is_blank(bytes_[at_])) refuse("its header does not end");
  ++at_;
  require_picture_size(width, height, name_);
  width_ = static_cast<std::size_t>(width);
  require_raster(height);
  PictureRows rows(static_cast<int>(width), static_cast<int>(height));
  std::vector<std::uint8_t> row(4 * width_, 255);
  for (std::uint64_t y = 0; y < height; ++y) {
    bits_ ? read_bits(row) : read_samples(row);
    rows.add(row.data());
  }
  const bool more = !ascii_ && rest() > 2 && bytes_[at_] == 'P' && is_digit(bytes_[at_ + 1]);
  return {rows.take(), more ? "first of several pictures" : ""};
}

}  // namespace

ReadPicture read_pnm(ByteView bytes, const std::string& name) {
  return PnmReader(bytes, name).read();
}

}  // namespace inoculate
