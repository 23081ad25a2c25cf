// JPEG files by libjpeg's own compressor.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>
// libjpeg's header stands on <cstdio>.
#include <jpeglib.h>

#include "data/bytes.h"

namespace inoculate {

/// How a JPEG is to be made.
struct JpegForm {
  int width = 0, height = 0;
  J_COLOR_SPACE samples = JCS_RGB;  ///< what the samples are
  int quality = 100;
  std::optional<J_COLOR_SPACE> stored;  ///< what they are stored as; libjpeg's choice without
  bool adobe = true;                    ///< whether Adobe's mark may be written
  bool progressive = false;
  bool subsampled = false;                 ///< whether colour has half the size
  std::vector<jpeg_scan_info> scans = {};  ///< of its own
  Bytes exif = {};                         ///< a TIFF block
};

inline Bytes encode_jpeg(const JpegForm& form, const Bytes& samples) {
  jpeg_compress_struct state{};
  jpeg_error_mgr errors{};
  state.err = jpeg_std_error(&errors);
  jpeg_create_compress(&state);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&state, &out, &size);
  state.image_width = static_cast<JDIMENSION>(form.width);
  state.image_height = static_cast<JDIMENSION>(form.height);
  state.in_color_space = form.samples;
  state.input_components = form.samples == JCS_GRAYSCALE ? 1
                           : form.samples == JCS_CMYK    ? 4
                           : form.samples == JCS_UNKNOWN ? 2
                                                         : 3;
  jpeg_set_defaults(&state);
  if (form.stored) jpeg_set_colorspace(&state, *form.stored);
  if (!form.adobe) state.write_Adobe_marker = FALSE;
  jpeg_set_quality(&state, form.quality, TRUE);
  if (!form.subsampled) state.comp_info[0].h_samp_factor = state.comp_info[0].v_samp_factor = 1;
  if (form.progressive) jpeg_simple_progression(&state);
  if (!form.scans.empty()) {
    state.scan_info = form.scans.data();
    state.num_scans = static_cast<int>(form.scans.size());
  }
  jpeg_start_compress(&state, TRUE);
  if (!form.exif.empty()) {
    Bytes marker = {'E', 'x', 'i', 'f', 0, 0};
    marker.insert(marker.end(), form.exif.begin(), form.exif.end());
    jpeg_write_marker(&state, JPEG_APP0 + 1, marker.data(), static_cast<unsigned>(marker.size()));
  }
  const std::size_t stride =
      static_cast<std::size_t>(form.width) * static_cast<std::size_t>(state.input_components);
  while (state.next_scanline < state.image_height) {
    auto* row = const_cast<unsigned char*>(samples.data()) + stride * state.next_scanline;
    jpeg_write_scanlines(&state, &row, 1);
  }
  jpeg_finish_compress(&state);
  Bytes bytes(out, out + size);
  jpeg_destroy_compress(&state);
  std::free(out);
  return bytes;
}

/// EXIF that holds an orientation and nothing else.
inline Bytes exif_of(std::uint8_t orientation) {
  return {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0};
}

}  // namespace inoculate
