import { A_B } from '$env/static/private'; env.PUBLIC_X; process.env.Y_Z // c
