// Files of the command: whole files in, whole files out, and one clear line when that cannot be.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "data/bytes.h"

namespace inoculate {

/// Throws Error when `path` is "-", which elsewhere stands for standard input or output: none of
/// the functions here reads or makes a file of that name by mistake.
void refuse_dash(const std::filesystem::path& path);

/// Whether two paths are one regular file: by links of either kind, or, where there is no file yet,
/// as a name in one folder. Devices and pipes are never the same.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Reads a whole file (or pipe, such as a shell's process substitution) of at most `size_limit`
/// bytes. Throws Error, naming the path, when it is missing, a directory, unreadable or larger; no
/// more than `size_limit` + 1 bytes are ever read or stored.
Bytes read_file(const std::filesystem::path& path, std::size_t size_limit);

/// Replaces the file at `path` by `content`, all or nothing: a temporary file in the same folder is
/// written, synced and renamed, then the folder is synced. A symbolic link is followed, so its
/// target is replaced and the link stays; an existing file keeps its permission bits. A device or
/// pipe (/dev/stdout) cannot be renamed over and is written straight. On failure the old file is as
/// it was, the temporary file is gone, and an Error says what happened, where and what to do.
void write_file_atomically(const std::filesystem::path& path, ByteView content);

/// Throws the Error that write_file_atomically would give for a folder that is missing or cannot be
/// written to, a target that is a directory or is write-protected. For the start of a long run, so
/// that nobody trains for a minute and then cannot save. Creates and removes an empty temporary
/// file.
void require_writable(const std::filesystem::path& path);

/// Makes the folder at `path`, with those above it, unless it is there. Throws Error, which names
/// the `option` that gave the path, when it is no folder then.
std::filesystem::path make_folder(const std::string& path, const std::string& option);

}  // namespace inoculate
