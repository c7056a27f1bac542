/**
 * The icons that the console draws, each from its own file: the package's index would make the
 * build read six thousand modules. All are decoration; words stand beside them.
 */

export { default as IconOverdue } from '@tabler/icons-react/dist/esm/icons/IconAlarm.mjs';
export { default as IconAlert } from '@tabler/icons-react/dist/esm/icons/IconAlertTriangle.mjs';
export { default as IconDown } from '@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs';
export { default as IconBack } from '@tabler/icons-react/dist/esm/icons/IconArrowLeft.mjs';
export { default as IconBolt } from '@tabler/icons-react/dist/esm/icons/IconBolt.mjs';
export { default as IconCheck } from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
export { default as IconChevron } from '@tabler/icons-react/dist/esm/icons/IconChevronDown.mjs';
export { default as IconClock } from '@tabler/icons-react/dist/esm/icons/IconClock.mjs';
export { default as IconOffline } from '@tabler/icons-react/dist/esm/icons/IconCloudOff.mjs';
export { default as IconCopy } from '@tabler/icons-react/dist/esm/icons/IconCopy.mjs';
export { default as IconDots } from '@tabler/icons-react/dist/esm/icons/IconDots.mjs';
export { default as IconHand } from '@tabler/icons-react/dist/esm/icons/IconHandStop.mjs';
export { default as IconDetails } from '@tabler/icons-react/dist/esm/icons/IconInfoCircle.mjs';
export { default as IconKeyboard } from '@tabler/icons-react/dist/esm/icons/IconKeyboard.mjs';
export { default as IconNote } from '@tabler/icons-react/dist/esm/icons/IconLock.mjs';
export { default as IconSignOut } from '@tabler/icons-react/dist/esm/icons/IconLogout.mjs';
export { default as IconReply } from '@tabler/icons-react/dist/esm/icons/IconMessage.mjs';
export { default as IconPencil } from '@tabler/icons-react/dist/esm/icons/IconPencil.mjs';
export { default as IconSearch } from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
export { default as IconSend } from '@tabler/icons-react/dist/esm/icons/IconSend2.mjs';
export { default as IconBot } from '@tabler/icons-react/dist/esm/icons/IconSparkles.mjs';
export { default as IconStar } from '@tabler/icons-react/dist/esm/icons/IconStar.mjs';
export { default as IconStarFilled } from '@tabler/icons-react/dist/esm/icons/IconStarFilled.mjs';
export { default as IconHandover } from '@tabler/icons-react/dist/esm/icons/IconTransferIn.mjs';
export { default as IconInvite } from '@tabler/icons-react/dist/esm/icons/IconUserPlus.mjs';
export { default as IconQueue } from '@tabler/icons-react/dist/esm/icons/IconUsers.mjs';
export { default as IconX } from '@tabler/icons-react/dist/esm/icons/IconX.mjs';
