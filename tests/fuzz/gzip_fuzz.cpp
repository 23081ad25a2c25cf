// Compressed files, and any content that was compressed: a checksum keeps most damage from getting
// further than zlib.
#include <zlib.h>

#include "data/gzip.h"
#include "fuzz/target.h"

namespace inoculate::fuzz {
namespace {

constexpr const char* kName = "fuzz.gz";
constexpr std::size_t kLimit = std::size_t{1} << 20;

Bytes compressed(ByteView content) {
  constexpr int kGzip = 16;
  z_stream stream{};
  demand(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip + MAX_WBITS, 8,
                      Z_DEFAULT_STRATEGY) == Z_OK,
         "zlib does not begin");
  Bytes file(deflateBound(&stream, static_cast<uLong>(content.size())));
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = file.data();
  stream.avail_out = static_cast<uInt>(file.size());
  demand(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib does not end");
  file.resize(stream.total_out);
  deflateEnd(&stream);
  return file;
}

void read(ByteView bytes) {
  accepts("fuzz.gz: ", [&] {
    demand(gunzip(bytes, kName, kLimit).size() <= kLimit, "it unpacks to more than it may");
  });
  const Bytes file = compressed(bytes);
  const Bytes content = gunzip(file, kName, bytes.size());
  demand(Bytes(bytes.begin(), bytes.end()) == content, "it unpacks to something else");
  if (bytes.empty()) return;
  const bool taken = accepts("fuzz.gz: ", [&] { gunzip(file, kName, bytes.size() - 1); });
  demand(!taken, "a byte more than allowed is taken");
}

const Target target("gzip", read);

}  // namespace
}  // namespace inoculate::fuzz
