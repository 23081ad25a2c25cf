// protozero, which asks by assert whether a field is of the type that it is read as. A file from
// outside decides that, so here it is asked in every build, and told as damage to the file.
#pragma once

#include <protozero/exception.hpp>

#define protozero_assert(holds) \
  ((holds) ? void() : throw protozero::unknown_pbf_wire_type_exception{})

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
