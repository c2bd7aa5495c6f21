// Takes the place of server/media/file_calls.cpp: files in memory, whose calls end in a later turn.

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "server/media/file_calls.hpp"
#include "simulated/files.hpp"
#include "simulated/loops.hpp"

namespace rtm {
namespace {

using File = std::shared_ptr<Bytes>;

std::map<std::string, File> names;
std::map<int, File> descriptors;
int lastDescriptor = 1000;

}  // namespace

std::size_t simulated::openFiles() {
  return descriptors.size();
}

void simulated::forgetFiles() {
  names.clear();
  descriptors.clear();
}

const std::string& simulated::emptyFolder() {
  static const struct Folder {
    Folder() { require(::mkdtemp(name.data()) != nullptr, "a temporary folder is made"); }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(name, ignored);
    }
    std::string name = (std::filesystem::temp_directory_path() / "rtm-fuzz-XXXXXX").string();
  } kFolder;
  return kFolder.name;
}

}  // namespace rtm

namespace rtm::server::file {
namespace {

void finish(net::IoLoop& loop, int result, Done done) {
  simulated::Loops::later(loop, [result, then = std::move(done)]() mutable { then(result); });
}

int open(const std::string& path) {
  auto found = names.find(path);
  const bool folder = !path.ends_with(".body") && !path.ends_with(".part");
  if (found == names.end() && folder) found = names.emplace(path, std::make_shared<Bytes>()).first;
  if (found == names.end()) return -ENOENT;
  descriptors.emplace(++lastDescriptor, found->second);
  return lastDescriptor;
}

}  // namespace

void run(net::IoLoop& loop, MoveFunction<void()> call, MoveFunction<void()> done) {
  call();
  simulated::Loops::later(loop, std::move(done));
}

void create(net::IoLoop& loop, const std::string& path, Done done) {
  const bool made = names.emplace(path, std::make_shared<Bytes>()).second;
  finish(loop, made ? open(path) : -EEXIST, std::move(done));
}

void openForReading(net::IoLoop& loop, const std::string& path, Done done) {
  finish(loop, open(path), std::move(done));
}

void write(net::IoLoop& loop, int descriptor, Bytes bytes, std::uint64_t offset, DoneWithBytes done) {
  Bytes& file = *descriptors.at(descriptor);
  file.resize(std::max<std::size_t>(file.size(), offset + bytes.size()));
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset));
  simulated::Loops::later(loop,
                          [data = std::move(bytes), then = std::move(done)]() mutable { then(0, std::move(data)); });
}

void read(net::IoLoop& loop, int descriptor, std::size_t size, std::uint64_t offset, DoneWithBytes done) {
  const Bytes& file = *descriptors.at(descriptor);
  const std::size_t begin = std::min<std::size_t>(offset, file.size());
  const std::size_t end = std::min(file.size(), begin + size);
  Bytes bytes(file.begin() + static_cast<std::ptrdiff_t>(begin), file.begin() + static_cast<std::ptrdiff_t>(end));
  simulated::Loops::later(loop, [data = std::move(bytes), then = std::move(done)]() mutable {
    const auto result = static_cast<int>(data.size());
    then(result, std::move(data));
  });
}

void sync(net::IoLoop& loop, int descriptor, Done done) {
  simulated::require(descriptors.contains(descriptor), "a file that is synced is open");
  finish(loop, 0, std::move(done));
}

void rename(net::IoLoop& loop, const std::string& from, const std::string& to, Done done) {
  auto moved = names.extract(from);
  const int result = moved ? 0 : -ENOENT;
  if (moved) names.insert_or_assign(to, std::move(moved.mapped()));
  finish(loop, result, std::move(done));
}

void close(net::IoLoop& loop, int descriptor, Done done) {
  simulated::require(descriptors.erase(descriptor) == 1, "a file is closed once");
  finish(loop, 0, std::move(done));
}

void remove(net::IoLoop& loop, const std::string& path, Done done) {
  finish(loop, names.erase(path) == 1 ? 0 : -ENOENT, std::move(done));
}

std::string errorText(int result) {
  return "error " + std::to_string(result);
}

}  // namespace rtm::server::file
