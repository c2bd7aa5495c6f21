#pragma once

// A user of the C++ library who moves files and records the results.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "IAgoraRtmService.h"
#include "base/bytes.hpp"
#include "integration/bot.hpp"

namespace rtm::test {

/// A folder that is removed after its test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "rtm-media-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, ByteView content) const {
    std::ofstream out(file(name), std::ios::binary);
    out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    EXPECT_TRUE(out.good());
    return file(name);
  }
  Bytes read(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  /// Waits until exactly these files exist: files are removed outside the loop.
  bool awaitNames(std::vector<std::string> expected) const {
    std::sort(expected.begin(), expected.end());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (names() != expected) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) all.push_back(entry.path().filename());
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  std::filesystem::path path_;
};

/// Bytes in which no two places look alike.
inline Bytes someBytes(std::size_t size, std::uint32_t seed = 1) {
  Bytes bytes(size);
  std::uint32_t state = seed;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

class MediaBot final : public agora::rtm::IRtmServiceEventHandler {
 public:
  MediaBot(const std::string& appId, std::string userId, const std::string& endpoint, const std::string& timing = "{}")
      : service(agora::rtm::createRtmService()), userId_(std::move(userId)) {
    EXPECT_EQ(
        service->setParameters(("{\"rtm.endpoints\":\"" + endpoint + "\",\"rtm.timing\":" + timing + "}").c_str()), 0);
    EXPECT_EQ(service->setLogFilter(agora::rtm::LOG_FILTER_OFF), 0);
    EXPECT_EQ(service->initialize(appId.c_str(), this), 0);
  }
  ~MediaBot() override {
    if (service != nullptr) service->release(true);
  }

  void login() {
    ASSERT_EQ(service->login("", userId_.c_str()), 0);
    ASSERT_TRUE(diary.has("login")) << diary.all();
  }

  /// The bytes of the last download to memory.
  Bytes memory() {
    const std::lock_guard lock(mutex_);
    return memory_;
  }
  std::string mediaId() {
    const std::lock_guard lock(mutex_);
    return mediaId_;
  }
  std::vector<long long> progress() {
    const std::lock_guard lock(mutex_);
    return progress_;
  }

  Diary diary;
  agora::rtm::IRtmService* service = nullptr;
  bool keepsMessages = false;                  ///< does not release those of upload results
  agora::rtm::IFileMessage* file = nullptr;    ///< of the last upload, if it keeps them
  agora::rtm::IImageMessage* image = nullptr;  ///< likewise

  void onLoginSuccess() override { diary.write(++logins_ == 1 ? "login" : "login " + std::to_string(logins_)); }
  void onLogout(agora::rtm::LOGOUT_ERR_CODE) override { diary.write("logout"); }
  void onConnectionStateChanged(agora::rtm::CONNECTION_STATE state,
                                agora::rtm::CONNECTION_CHANGE_REASON reason) override {
    diary.write("state " + std::to_string(state) + " reason " + std::to_string(reason));
  }
  void onSendMessageResult(long long, agora::rtm::PEER_MESSAGE_ERR_CODE code) override {
    diary.write("sent " + std::to_string(code));
  }
  void onMediaUploadingProgress(long long id, const agora::rtm::MediaOperationProgress& now) override { note(id, now); }
  void onMediaDownloadingProgress(long long id, const agora::rtm::MediaOperationProgress& now) override {
    note(id, now);
  }
  void onFileMediaUploadResult(long long id, agora::rtm::IFileMessage* message,
                               agora::rtm::UPLOAD_MEDIA_ERR_CODE code) override {
    if (message != nullptr) {
      const std::lock_guard lock(mutex_);
      mediaId_ = message->getMediaId();
    }
    const std::string size = message != nullptr ? " size " + std::to_string(message->getSize()) : "";
    if (keepsMessages) {
      file = message;
    } else if (message != nullptr) {
      message->release();
    }
    diary.write("uploaded " + std::to_string(id) + " code " + std::to_string(code) + size);
  }
  void onImageMediaUploadResult(long long id, agora::rtm::IImageMessage* message,
                                agora::rtm::UPLOAD_MEDIA_ERR_CODE code) override {
    std::string size;
    if (message != nullptr) {
      const std::lock_guard lock(mutex_);
      mediaId_ = message->getMediaId();
      size = " " + std::to_string(message->getWidth()) + "x" + std::to_string(message->getHeight());
    }
    if (keepsMessages) {
      image = message;
    } else if (message != nullptr) {
      message->release();
    }
    diary.write("uploaded " + std::to_string(id) + " code " + std::to_string(code) + size);
  }
  void onMediaDownloadToFileResult(long long id, agora::rtm::DOWNLOAD_MEDIA_ERR_CODE code) override {
    diary.write("downloaded " + std::to_string(id) + " code " + std::to_string(code));
  }
  void onMediaDownloadToMemoryResult(long long id, const char* memory, long long length,
                                     agora::rtm::DOWNLOAD_MEDIA_ERR_CODE code) override {
    {
      const std::lock_guard lock(mutex_);
      memory_.assign(memory, memory + length);
    }
    diary.write("downloaded " + std::to_string(id) + " code " + std::to_string(code));
  }
  void onMediaCancelResult(long long id, agora::rtm::CANCEL_MEDIA_ERR_CODE code) override {
    diary.write("cancelled " + std::to_string(id) + " code " + std::to_string(code));
  }
  void onFileMessageReceivedFromPeer(const char* peerId, const agora::rtm::IFileMessage* message) override {
    diary.write(std::string(peerId) + " sent file " + message->getMediaId() + " " + message->getFileName() + " " +
                std::to_string(message->getSize()) + " thumbnail " +
                std::string(message->getThumbnailData(), static_cast<std::size_t>(message->getThumbnailLength())));
  }
  void onImageMessageReceivedFromPeer(const char* peerId, const agora::rtm::IImageMessage* message) override {
    diary.write(std::string(peerId) + " sent image " + message->getMediaId() + " " +
                std::to_string(message->getWidth()) + "x" + std::to_string(message->getHeight()) + " of " +
                std::to_string(message->getThumbnailWidth()) + "x" + std::to_string(message->getThumbnailHeight()) +
                " text " + message->getText());
  }

 private:
  void note(long long id, const agora::rtm::MediaOperationProgress& now) {
    {
      const std::lock_guard lock(mutex_);
      progress_.push_back(now.currentSize);
    }
    diary.write("progress " + std::to_string(id) + " of " + std::to_string(now.totalSize));
  }

  std::string userId_;
  int logins_ = 0;
  std::mutex mutex_;
  Bytes memory_;
  std::string mediaId_;
  std::vector<long long> progress_;
};

}  // namespace rtm::test
