// protozero, which asks by assert whether a field is of the type that it is read as. A file from
// outside decides that, so here it is asked in every build, and told as damage to the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <protozero/exception.hpp>

#define protozero_assert(holds) \
  ((holds) ? void() : throw protozero::unknown_pbf_wire_type_exception{})

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

namespace inoculate {

/// Goes on to the message's next field, as pbf_reader::next() does. Throws where a field says that
/// it is longer than the rest of the message: protozero takes lengths of 2 GB and more for negative
/// ones where pointers have 32 bits.
inline bool next_field(protozero::pbf_reader& message) {
  if (!message.next()) return false;
  if (message.wire_type() == protozero::pbf_wire_type::length_delimited) {
    const protozero::data_view rest = message.data();
    const char* at = rest.data();
    const char* end = at + rest.size();
    const std::uint64_t length = protozero::decode_varint(&at, end);
    if (length > static_cast<std::size_t>(end - at)) throw protozero::end_of_buffer_exception{};
  }
  return true;
}

}  // namespace inoculate
