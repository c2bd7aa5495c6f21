/// @file
/// The way to a service that the SDK had before 1.2.2, for programs and wrappers that still go it:
/// createAgoraService(), IAgoraService::initialize(), IAgoraService::createRtmService(). Needs C++11 and the library
/// agora_rtm_wrappers (README, For programs in C++).
///
/// Only RTM is behind it. What belongs to another product answers with its error: a null pointer, or -4 (not
/// supported).
#pragma once
#ifndef AGORA_SERVICE_H
#define AGORA_SERVICE_H

#include "IAgoraRtmService.h"

namespace agora {
namespace rtc {
class IRtcEngine;
}  // namespace rtc

namespace base {

/// Nothing is needed to initialize a service.
struct AgoraServiceContext {};

/// The root from which programs got their services. Free it with `release()`, or with `delete`, but not with both. The
/// services that it has made live on.
class IAgoraService {
 public:
  virtual ~IAgoraService() {}
  /// Frees this object.
  virtual void release() = 0;
  /// Always returns 0.
  virtual int initialize(const AgoraServiceContext& context) = 0;
  /// The version of the SDK surface, such as `1.5.0`; static storage. `build`: gets 0, unless it is null.
  virtual const char* getVersion(int* build) = 0;
  /// Null: this library has no audio and video.
  virtual rtc::IRtcEngine* createRtcEngine() = 0;
  /// The same as agora::rtm::createRtmService().
  virtual rtm::IRtmService* createRtmService() = 0;
};

}  // namespace base
}  // namespace agora

/// The same as IAgoraService::getVersion().
AGORA_API const char* AGORA_CALL getAgoraSdkVersion(int* build);
/// Words for a value that a function of this file returns, such as -4; static storage.
AGORA_API const char* AGORA_CALL getAgoraSdkErrorDescription(int err);
/// The caller owns the object. Never null.
AGORA_API agora::base::IAgoraService* AGORA_CALL createAgoraService();
/// Returns -4: this library loads no symbols while it runs.
AGORA_API int AGORA_CALL setAgoraSdkExternalSymbolLoader(void* (*func)(const char* symname));

#endif
