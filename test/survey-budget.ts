/** Bytes of gzip that the survey page may weigh in all; what is left of it is the document's, in which its style sheet stands. */
export const surveyBudget = { all: 15 * 1024, script: 5520 }
