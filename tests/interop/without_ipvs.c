/* Preloaded into Debian's keepalived where the kernel has no IPVS: each of its commands to IPVS is
 * acknowledged and none is sent, so that its checkers run. */
#include <stddef.h>

typedef int (*Callback)(void* message, void* argument);

enum { kFinish = 1, kAck = 4, kCallbacks = 16, kFamily = 27 };

static struct {
  Callback call;
  void* argument;
} callbacks[kCallbacks];

int genl_ctrl_resolve(void* socket, const char* name) {
  (void)socket, (void)name;
  return kFamily;
}

int nl_socket_modify_cb(void* socket, int type, int kind, Callback call, void* argument) {
  (void)socket, (void)kind;
  if (type >= 0 && type < kCallbacks) {
    callbacks[type].call = call;
    callbacks[type].argument = argument;
  }
  return 0;
}

int nl_socket_modify_err_cb(void* socket, int kind, void* call, void* argument) {
  (void)socket, (void)kind, (void)call, (void)argument;
  return 0;
}

int nl_send_auto(void* socket, void* message) {
  (void)socket, (void)message;
  return 1;
}

int nl_recvmsgs_default(void* socket) {
  (void)socket;
  for (int type = kFinish; type <= kAck; type += kAck - kFinish) {
    if (callbacks[type].call != NULL) {
      callbacks[type].call(NULL, callbacks[type].argument);
    }
  }
  return 0;
}
