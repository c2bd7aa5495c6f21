// A log in two files (docs/spec/connection.md §9, limits.md §8), shared by all services of a process that write to it.
#include "base/log_file.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace rtm {
namespace {

constexpr std::uintmax_t kSmall = 512 * 1024;

class SharedLog : public testing::Test {
 protected:
  SharedLog() {
    std::string name = std::filesystem::temp_directory_path() / "rtm-log-XXXXXX";
    folder = ::mkdtemp(name.data());
    path = folder / "rtm.log";
  }
  ~SharedLog() override { std::filesystem::remove_all(folder); }

  std::uintmax_t written(const char* name = "rtm.log") const { return std::filesystem::file_size(folder / name); }

  std::filesystem::path folder;
  std::filesystem::path path;
  const std::string line = std::string(1000, 'x');
};

TEST_F(SharedLog, RotatesOnceForAllItsWriters) {
  const auto one = LogFile::open(path, 512);
  const auto two = LogFile::open(folder / "." / "rtm.log", LogFile::kDefaultKilobytes);  // the same by another name
  EXPECT_EQ(one, two);
  for (int i = 0; i < 1000; ++i) {
    one->write(LogLevel::Info, line);
    two->write(LogLevel::Info, line);
    EXPECT_LE(written(), kSmall);
  }
  EXPECT_LE(written("rtm.log.1"), kSmall);
  EXPECT_GT(written("rtm.log.1"), kSmall * 9 / 10);
}

TEST_F(SharedLog, HasTheSizeThatWasSetLast) {
  const auto one = LogFile::open(path, 512);
  LogFile::open(path, LogFile::kDefaultKilobytes)->setSize(1024);
  for (int i = 0; i < 600; ++i) one->write(LogLevel::Info, line);
  EXPECT_GT(written(), kSmall);
}

TEST_F(SharedLog, IsSeparateForEachFile) {
  const auto one = LogFile::open(path, 512);
  const auto other = LogFile::open(folder / "other.log", 512);
  EXPECT_NE(one, other);
  std::filesystem::remove(path);
  const auto anew = LogFile::open(path, 512);
  EXPECT_NE(one, anew);
  anew->write(LogLevel::Info, line);
  EXPECT_GT(written(), line.size());
}

TEST_F(SharedLog, ClosesWithItsLastWriter) {
  auto one = LogFile::open(path, 512);
  auto two = LogFile::open(path, 512);
  one.reset();
  two->write(LogLevel::Info, line);
  EXPECT_GT(written(), line.size());
  const std::weak_ptr<LogFile> gone = two;
  two.reset();
  EXPECT_TRUE(gone.expired());
}

TEST_F(SharedLog, StaysWithTheParentOfAFork) {
  life::watchForks({.before = [] {}, .inParent = [] {}, .inChild = [] {}});
  const auto log = LogFile::open(path, 512);
  for (std::uintmax_t size = 0; size + 2000 < kSmall; size = written()) log->write(LogLevel::Info, line);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (int i = 0; i < 10; ++i) log->write(LogLevel::Error, "from the child");
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(std::filesystem::exists(folder / "rtm.log.1"));
  log->write(LogLevel::Info, "from the parent");
  std::ifstream in(path);
  std::string last;
  std::string before;
  for (std::string text; std::getline(in, text); last = text) before = last;
  EXPECT_NE(before.find("from the child"), std::string::npos) << before;
  EXPECT_NE(last.find("from the parent"), std::string::npos) << last;
}

}  // namespace
}  // namespace rtm
