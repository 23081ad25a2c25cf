#include "data/gzip.h"

#define ZLIB_CONST  // lets next_in point to const bytes
#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/error.h"
#include "data/file_kind.h"

namespace inoculate {
namespace {

constexpr int kGzipOnly = 15 + 16;  // the largest window; a gzip header is required
// zlib counts its input in 32 bits.
constexpr std::size_t kLargestPiece = std::size_t{1} << 30;

/// A zlib stream that is freed on every way out.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream& operator*() { return stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

bool is_gzip(ByteView file) { return file.size() >= 2 && file[0] == 0x1f && file[1] == 0x8b; }

Bytes gunzip(ByteView file, const std::string& name, std::size_t limit) {
  if (!is_gzip(file)) {
    refuse_known_kind(file, name, "compressed by gzip", "name a .gz file");
    throw Error(name + ": is not compressed by gzip; name a .gz file");
  }

  Inflater inflater;
  z_stream& stream = *inflater;
  Bytes chunk(std::size_t{1} << 16);  // not on the stack, which is small in a browser
  Bytes out;
  ByteView rest = file;
  bool member_ended = false;
  while (!member_ended || !rest.empty()) {
    if (member_ended) {
      if (!is_gzip(rest)) {
        throw Error(name + ": has " + std::to_string(rest.size()) +
                    " bytes after the end of the compressed data; fetch it again");
      }
      inflateReset(&stream);
    }

    const std::size_t piece = std::min(rest.size(), kLargestPiece);
    stream.next_in = rest.data();
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    // No progress with an empty chunk to fill: the input has run out within a member.
    if (status == Z_BUF_ERROR) {
      throw Error(name + ": the compressed data ends early; the download is incomplete, " +
                  "fetch it again");
    }
    if (status != Z_OK && status != Z_STREAM_END) {
      throw Error(name + ": the compressed data is damaged; fetch it again");
    }

    member_ended = status == Z_STREAM_END;
    rest = rest.subspan(piece - stream.avail_in);
    const std::size_t produced = chunk.size() - stream.avail_out;
    if (produced > limit - out.size()) {
      throw Error(name + ": unpacks to more than the " + std::to_string(limit) +
                  " bytes allowed; name another file");
    }
    out.insert(out.end(), chunk.data(), chunk.data() + produced);
  }
  return out;
}

}  // namespace inoculate
