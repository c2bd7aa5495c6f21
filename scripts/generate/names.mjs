// Names as the two languages write them.

/** `request_id` and `REQUEST_ID` as `RequestId`. */
export const pascal = (name) =>
  name
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** `request_id` as `requestId`. */
export const camel = (name) => {
  const words = pascal(name);
  return words.charAt(0).toLowerCase() + words.slice(1);
};

/** `RequestId` as `REQUEST_ID`. */
export const upper = (name) => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
