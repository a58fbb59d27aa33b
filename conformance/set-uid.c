/* For the specs of allowPrivilegeEscalation: installed set-uid root, it says as whom it runs. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
  printf("Effective uid: %d\n", geteuid());
  return 0;
}
