/* Preloaded into privd where the kernel has no IPVS: every request to it is acknowledged, none is
 * done, and all of them are kept in the file LOG_FILE, which has to be there already. Lists are
 * empty. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kFamily = 27, kLogBytes = 16 << 20, kRepliesBytes = 1 << 20 };

static int fd_of_ipvs = -1;
static struct {
  uint32_t used;
  char bytes[];
}* requests;
static char replies[kRepliesBytes];
static size_t replied;

__attribute__((constructor)) static void open_log(void) {
  const int fd = open(LOG_FILE, O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    return;
  }
  void* const memory = mmap(NULL, kLogBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  requests = memory == MAP_FAILED ? NULL : memory;
}

int socket(int domain, int type, int protocol) {
  int (*const real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
  const int fd = real(domain, type, protocol);
  if (requests != NULL && domain == AF_NETLINK && protocol == NETLINK_GENERIC) {
    fd_of_ipvs = fd;
  }
  return fd;
}

static void reply(const struct nlmsghdr* to, uint16_t type, uint16_t flags, const void* data,
                  size_t size) {
  const size_t length = NLMSG_LENGTH(size);
  if (replied + NLMSG_ALIGN(length) > sizeof(replies)) {
    return;
  }
  struct nlmsghdr* const header = (struct nlmsghdr*)(replies + replied);
  memset(header, 0, NLMSG_ALIGN(length));
  header->nlmsg_len = (uint32_t)length;
  header->nlmsg_type = type;
  header->nlmsg_flags = flags;
  header->nlmsg_seq = to->nlmsg_seq;
  memcpy(NLMSG_DATA(header), data, size);
  replied += NLMSG_ALIGN(length);
}

static void answer(const struct nlmsghdr* request) {
  if (request->nlmsg_type == GENL_ID_CTRL) {
    const struct {
      struct genlmsghdr header;
      struct nlattr name;
      char text[8];
      struct nlattr number;
      uint16_t family;
    } family = {{CTRL_CMD_NEWFAMILY, 1, 0},
                {NLA_HDRLEN + sizeof("IPVS"), CTRL_ATTR_FAMILY_NAME},
                "IPVS",
                {NLA_HDRLEN + sizeof(uint16_t), CTRL_ATTR_FAMILY_ID},
                kFamily};
    reply(request, GENL_ID_CTRL, 0, &family, sizeof(family));
  } else if (requests->used + NLMSG_ALIGN(request->nlmsg_len) < kLogBytes - sizeof(*requests)) {
    memcpy(requests->bytes + requests->used, request, request->nlmsg_len);
    requests->used += NLMSG_ALIGN(request->nlmsg_len);
  }
  if ((request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) {
    reply(request, NLMSG_DONE, NLM_F_MULTI, &(int){0}, sizeof(int));
  } else if ((request->nlmsg_flags & NLM_F_ACK) != 0) {
    const struct nlmsgerr done = {0, *request};
    reply(request, NLMSG_ERROR, 0, &done, sizeof(done));
  }
}

ssize_t sendto(int fd, const void* bytes, size_t size, int flags, const struct sockaddr* to,
               socklen_t to_size) {
  typedef ssize_t (*Send)(int, const void*, size_t, int, const struct sockaddr*, socklen_t);
  if (fd < 0 || fd != fd_of_ipvs) {
    return ((Send)dlsym(RTLD_NEXT, "sendto"))(fd, bytes, size, flags, to, to_size);
  }
  size_t left = size;
  for (const struct nlmsghdr* one = bytes; NLMSG_OK(one, left); one = NLMSG_NEXT(one, left)) {
    answer(one);
  }
  return (ssize_t)size;
}

ssize_t recvfrom(int fd, void* bytes, size_t size, int flags, struct sockaddr* from,
                 socklen_t* from_size) {
  typedef ssize_t (*Receive)(int, void*, size_t, int, struct sockaddr*, socklen_t*);
  if (fd < 0 || fd != fd_of_ipvs) {
    return ((Receive)dlsym(RTLD_NEXT, "recvfrom"))(fd, bytes, size, flags, from, from_size);
  }
  if (replied == 0) {
    errno = EAGAIN;
    return -1;
  }
  const struct nlmsghdr* const first = (const struct nlmsghdr*)replies;
  const size_t length = NLMSG_ALIGN(first->nlmsg_len);
  const size_t copied = first->nlmsg_len < size ? first->nlmsg_len : size;
  const ssize_t received = first->nlmsg_len;
  memcpy(bytes, replies, copied);
  replied -= length;
  memmove(replies, replies + length, replied);
  if (from != NULL) {
    const struct sockaddr_nl kernel = {AF_NETLINK, 0, 0, 0};
    memcpy(from, &kernel, sizeof(kernel));
    *from_size = sizeof(kernel);
  }
  return received;
}
